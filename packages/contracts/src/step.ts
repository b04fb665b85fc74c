import { z } from "zod";
import { stepFingerprintSchema } from "./fingerprint.ts";
import { idSchema, tenantIdSchema, timeMsSchema } from "./identifiers.ts";
import { messageSchema, usageSchema } from "./message.ts";
import { outcomeSchema } from "./outcome.ts";

/** What a tool is declared to do; absent where nobody declared it, and then inferred. */
export const toolTraitsSchema = z.object({
  risk: z.enum(["safe", "low", "medium", "high"]).optional(),
  reversible: z.boolean().optional(),
  /** Changes state outside the run. */
  mutates: z.boolean().optional(),
  /** Meant to be called again until its answer changes. */
  polls: z.boolean().optional(),
});
export type ToolTraits = z.infer<typeof toolTraitsSchema>;

export const modelCallSchema = z.object({
  provider: z.string(),
  requestModel: z.string(),
  responseModel: z.string().nullable(),
  usage: usageSchema.nullable(),
  /** Millionths of a US dollar; null when the price of the model is not known. */
  costMicroUsd: z.number().nonnegative().nullable(),
  finishReasons: z.array(z.string()),
  /** Only the messages that the run's previous model call did not have. */
  newInputMessages: z.array(messageSchema),
  /** How many messages the whole prompt held. */
  inputMessageCount: z.number().int().nonnegative(),
  output: z.array(messageSchema),
});
export type ModelCall = z.infer<typeof modelCallSchema>;

export const toolCallSchema = z.object({
  callId: z.string().nullable(),
  /** Arguments as JSON text, or plain text where the emitter had no JSON. */
  arguments: z.string(),
  /** Result as JSON text or plain text; null while running and where nothing carries it. */
  result: z.string().nullable(),
  traits: toolTraitsSchema,
});
export type ToolCall = z.infer<typeof toolCallSchema>;

/** One model call or one tool call of a run. Emitted at once; later knowledge arrives as the same id with a higher revision. */
export const stepSchema = z.object({
  version: z.literal(1),
  tenantId: tenantIdSchema,
  runId: idSchema,
  stepId: idSchema,
  /** Position in the run by first sight, from 1. */
  sequence: z.number().int().positive(),
  revision: z.number().int().nonnegative(),
  /** True when later knowledge showed that this was no step (a duplicate span, say). */
  retracted: z.boolean(),
  kind: z.enum(["model", "tool"]),
  /** Model name or tool name. */
  name: z.string(),
  agentName: z.string(),
  service: z.string(),
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string(),
  /** True when no span stands behind it: derived from messages. */
  synthetic: z.boolean(),
  state: z.enum(["running", "ended"]),
  startMs: timeMsSchema,
  endMs: timeMsSchema.nullable(),
  outcome: outcomeSchema,
  model: modelCallSchema.nullable(),
  tool: toolCallSchema.nullable(),
  dialect: z.string(),
  /** What the agent sent instead of contents. */
  fingerprint: stepFingerprintSchema.optional(),
});
export type Step = z.infer<typeof stepSchema>;

/** Id of the step behind a span, or behind one tool call that only a span's messages tell of. */
export function stepIdOf(traceId: string, spanId: string, toolCallId?: string): string {
  const base = `${traceId}.${spanId}`;
  if (toolCallId === undefined) return base;
  const safe = toolCallId.replaceAll(/[^A-Za-z0-9_.:-]/g, "_").slice(0, 128);
  return `${base}.${safe === "" ? "_" : safe}`;
}
