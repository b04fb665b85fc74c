import { approvalRequestSchema, limitsSchema, timeMsSchema } from "@plumbline/contracts";
import { z } from "zod";

/** An external action as it was about to be performed. */
export const actionSchema = z.object({
  checkpointId: z.string(),
  /** The same for the same call of the same run, whichever process makes it. */
  callKey: z.string(),
  /** What the key was made of: hash of tool and arguments, and how often that very call was made before. */
  callHash: z.string(),
  occurrence: z.number().int().nonnegative(),
  stepId: z.string(),
  toolName: z.string(),
  callId: z.string(),
  /** As JSON text, as the tool was to get them. */
  argumentsText: z.string(),
  idempotencyKey: z.string(),
  /** Last text of the model before the call. */
  reasoning: z.string(),
});
export type Action = z.infer<typeof actionSchema>;

const settlementSchema = z.object({
  approvalId: z.string(),
  decision: z.enum(["approved", "denied"]),
  by: z.string(),
  /** As JSON text; null when the arguments stand as asked. */
  editedArguments: z.string().nullable(),
  message: z.string(),
  /** Nobody answered in time. */
  timedOut: z.boolean(),
});
/** What came of an approval request. */
export type Settlement = z.infer<typeof settlementSchema>;

/** How many calls were made so far, by tool and arguments; part of every idempotency key. */
export type Occurrences = Readonly<Record<string, number>>;

/** One thing that happened to a run, in the order it happened. Written before what it announces is done. */
const changeSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("saved"),
    label: z.string(),
    stateBytes: z.number(),
    stateHash: z.string(),
    occurrences: z.record(z.string(), z.number()),
  }),
  z.object({ kind: z.literal("action-started"), action: actionSchema }),
  z.object({ kind: z.literal("action-done"), checkpointId: z.string(), result: z.string() }),
  z.object({ kind: z.literal("action-failed"), checkpointId: z.string(), result: z.string() }),
  /** The tool was left before its end, and is called again. */
  z.object({ kind: z.literal("action-left"), checkpointId: z.string() }),
  z.object({ kind: z.literal("cleared"), checkpointId: z.string(), why: z.string() }),
  z.object({ kind: z.literal("approval-asked"), callKey: z.string(), request: approvalRequestSchema }),
  z.object({ kind: z.literal("approval-settled"), settlement: settlementSchema }),
  z.object({ kind: z.literal("stopped"), reason: z.string(), why: z.string() }),
  /** A run that is not a continuation begins under an id that an earlier one had. */
  z.object({ kind: z.literal("began"), epoch: z.number().int().positive() }),
  z.object({ kind: z.literal("resumed"), instanceId: z.string() }),
  /** A run inside this one is about to act. */
  z.object({ kind: z.literal("child-acts") }),
  z.object({ kind: z.literal("killed"), reason: z.string(), why: z.string() }),
  z.object({ kind: z.literal("completed") }),
]);
export type Change = z.infer<typeof changeSchema>;

export const transitionSchema = z.object({
  /** From 1, without gaps. */
  sequence: z.number().int().positive(),
  atMs: timeMsSchema,
  change: changeSchema,
});
export type Transition = z.infer<typeof transitionSchema>;

const tallySchema = z.object({
  startedAtMs: z.number(),
  steps: z.number(),
  modelCalls: z.number(),
  toolCalls: z.number(),
  inputTokens: z.number(),
  outputTokens: z.number(),
  cachedInputTokens: z.number(),
  usd: z.number(),
});

/** What a run was declared with and had used up at its last transition. */
export const runHeadSchema = z.object({
  agentName: z.string(),
  goal: z.string(),
  conversationId: z.string().nullable(),
  /** The run that takes this one up when it is resumed; left out where the application resumes it. */
  partOf: z.string().optional(),
  limits: limitsSchema,
  tally: tallySchema,
  /** Live: a process has it, or had it and was killed. Stopped: it came to a halt and may be resumed. */
  status: z.enum(["live", "stopped", "killed", "completed"]),
  updatedAtMs: timeMsSchema,
});
export type RunHead = z.infer<typeof runHeadSchema>;
