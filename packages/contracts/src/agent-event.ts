import { z } from "zod";
import { ackSchema } from "./ack.ts";
import { approvalRequestSchema } from "./approval.ts";
import { auditRecordSchema } from "./audit.ts";
import { checkpointSchema } from "./checkpoint.ts";
import { modelStartFields, runEndFields, runStartFields, toolStartFields } from "./call-fields.ts";
import { RejectedError } from "./errors.ts";
import { findingKindSchema, interventionSchema } from "./finding.ts";
import { modelFingerprintSchema, toolFingerprintSchema } from "./fingerprint.ts";
import { idSchema, timeMsSchema } from "./identifiers.ts";
import { messageSchema, usageSchema } from "./message.ts";
import { reportedErrorSchema } from "./outcome.ts";
import { runStatusSchema } from "./run.ts";
import { eventName, genAi, otel, plumblineAttribute } from "./semconv.ts";
import { stopReasonSchema } from "./stop-reason.ts";

const runId = idSchema;
const agentName = z.string();

const runStart = z.object({
  name: z.literal(eventName.runStart),
  runId,
  agentName,
  conversationId: z.string().nullable(),
  ...runStartFields,
});

const runEnd = z.object({
  name: z.literal(eventName.runEnd),
  runId,
  agentName,
  ...runEndFields,
});

/** A move of the run's state machine, or of the phases its agent declared (`from` and `to` are the same then). */
const runState = z.object({
  name: z.literal(eventName.runState),
  runId,
  agentName,
  from: runStatusSchema,
  to: runStatusSchema,
  /** Why the run is not running; null while it is. */
  stopReason: stopReasonSchema.nullable(),
  message: z.string(),
  /** The usual next command for the stop reason; empty when nothing is to be done. */
  nextCommand: z.string(),
  /** The agent's own phase; null when it declared none. */
  phase: z.string().nullable(),
  atMs: timeMsSchema,
});

/** What a guard or check in the agent's own process noticed; a finding once the server has it. */
const guardFinding = z.object({
  name: z.literal(eventName.guardFinding),
  runId,
  agentName,
  kind: findingKindSchema,
  /** The guard that noticed it. */
  guard: z.string(),
  /** What makes it the same finding when it comes again. */
  signature: z.string(),
  summary: z.string(),
  intervention: interventionSchema,
  confidence: z.number().min(0).max(1),
  /** Steps that prove it. */
  steps: z.array(z.object({ stepId: idSchema, name: z.string() })).max(12),
  /** How often the same was noticed before. */
  revision: z.number().int().nonnegative(),
  atMs: timeMsSchema,
});

const modelStart = z.object({ kind: z.literal("model"), ...modelStartFields });
const toolStart = z.object({ kind: z.literal("tool"), ...toolStartFields });

const stepStart = z.object({
  name: z.literal(eventName.stepStart),
  runId,
  agentName,
  parentSpanId: z.string(),
  startMs: timeMsSchema,
  step: z.discriminatedUnion("kind", [modelStart, toolStart]),
});

const modelEnd = z.object({
  kind: z.literal("model"),
  provider: z.string(),
  requestModel: z.string(),
  responseModel: z.string().nullable(),
  responseId: z.string().nullable(),
  output: z.array(messageSchema).nullable(),
  finishReasons: z.array(z.string()),
  usage: usageSchema.nullable(),
  /** Sent instead of contents. */
  fingerprint: modelFingerprintSchema.optional(),
});

const toolEnd = z.object({
  kind: z.literal("tool"),
  toolName: z.string(),
  callId: z.string().nullable(),
  result: z.string().nullable(),
  /** Sent instead of contents. */
  fingerprint: toolFingerprintSchema.optional(),
});

const stepEnd = z.object({
  name: z.literal(eventName.stepEnd),
  runId,
  agentName,
  parentSpanId: z.string(),
  startMs: timeMsSchema,
  endMs: timeMsSchema,
  error: reportedErrorSchema.nullable(),
  step: z.discriminatedUnion("kind", [modelEnd, toolEnd]),
});

const heartbeat = z.object({
  name: z.literal(eventName.heartbeat),
  runId,
  agentName,
  instanceId: z.string(),
  openSteps: z.number().int().nonnegative(),
});
const ack = z.object({ name: z.literal(eventName.ack), runId, agentName, ack: ackSchema });
const checkpoint = z.object({
  name: z.literal(eventName.checkpoint),
  runId,
  agentName,
  checkpoint: checkpointSchema,
});
const approvalRequest = z.object({
  name: z.literal(eventName.approvalRequest),
  runId,
  agentName,
  request: approvalRequestSchema,
});

/** The audit record of one tool call. */
const audit = z.object({ name: z.literal(eventName.audit), runId, agentName, record: auditRecordSchema });

/** What an agent reports as log records, each with the trace and span id of the step it speaks of. */
export const agentEventSchema = z.discriminatedUnion("name", [
  runStart,
  runEnd,
  runState,
  guardFinding,
  stepStart,
  stepEnd,
  heartbeat,
  ack,
  checkpoint,
  approvalRequest,
  audit,
]);
export type AgentEvent = z.infer<typeof agentEventSchema>;
export type AgentEventOf<Name extends AgentEvent["name"]> = Extract<AgentEvent, { name: Name }>;

/** Attribute that carries the whole event as JSON; the flat ones beside it are for people who query the logs table. */
export const eventPayloadAttribute = "plumbline.event.payload";

const eventNames: ReadonlySet<string> = new Set(Object.values(eventName));
export const isAgentEventName = (name: string): boolean => eventNames.has(name);

function stateAttributes(event: AgentEventOf<typeof eventName.runState>): Record<string, string> {
  const { to, stopReason, phase } = event;
  return {
    [plumblineAttribute.runStatus]: to,
    ...(stopReason === null ? {} : { [plumblineAttribute.stopReason]: stopReason }),
    ...(phase === null ? {} : { [plumblineAttribute.runPhase]: phase }),
  };
}

function flatAttributes(event: AgentEvent): Record<string, string> {
  const attributes: Record<string, string> = {
    [plumblineAttribute.runId]: event.runId,
    [genAi.agentName]: event.agentName,
  };
  if (event.name === eventName.runState) return { ...attributes, ...stateAttributes(event) };
  if (event.name === eventName.guardFinding)
    return { ...attributes, [plumblineAttribute.findingKind]: event.kind };
  if (event.name !== eventName.stepStart && event.name !== eventName.stepEnd) return attributes;
  const { step } = event;
  if (step.kind === "tool") {
    attributes[genAi.operationName] = "execute_tool";
    attributes[genAi.toolName] = step.toolName;
  } else {
    attributes[genAi.operationName] = "chat";
    attributes[genAi.requestModel] = step.requestModel;
  }
  if ("error" in event && event.error !== null) attributes[otel.errorType] = event.error.type ?? "_OTHER";
  return attributes;
}

/** An event as the attributes of its log record; the record's event name is `event.name`. */
export function encodeAgentEvent(event: AgentEvent): Record<string, string> {
  return { ...flatAttributes(event), [eventPayloadAttribute]: JSON.stringify(event) };
}

/**
 * Inverse of {@link encodeAgentEvent}.
 * @throws RejectedError naming the event and the field that does not fit
 */
export function decodeAgentEvent(name: string, payload: unknown): AgentEvent {
  if (typeof payload !== "string") {
    throw new RejectedError(`Log record ${name} has no ${eventPayloadAttribute}.`, {
      code: "EVENT_WITHOUT_PAYLOAD",
      mend: "Check that no processor drops or cuts log attributes on the way.",
    });
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(payload);
  } catch (cause) {
    throw new RejectedError(`${eventPayloadAttribute} of ${name} is not JSON.`, {
      code: "EVENT_PAYLOAD_NOT_JSON",
      mend: "Raise the attribute length limit of the pipeline.",
      cause,
    });
  }
  const result = agentEventSchema.safeParse(parsed);
  if (!result.success || result.data.name !== name) {
    const where = result.success ? "name" : (result.error.issues[0]?.path.join(".") ?? "");
    throw new RejectedError(`Log record ${name} does not fit its schema at "${where}".`, {
      code: "EVENT_SCHEMA",
      mend: "Use the same Plumbline version in the agent and on the server.",
      cause: result.error,
    });
  }
  return result.data;
}
