import { z } from "zod";
import { ackSchema } from "./ack.ts";
import { approvalRequestSchema } from "./approval.ts";
import { modelStartFields, runEndFields, runStartFields, toolStartFields } from "./call-fields.ts";
import { checkpointSchema } from "./checkpoint.ts";
import { findingKindSchema, interventionSchema } from "./finding.ts";
import { modelFingerprintSchema, toolFingerprintSchema } from "./fingerprint.ts";
import { idSchema, tenantIdSchema, timeMsSchema } from "./identifiers.ts";
import { judgementRecordSchema } from "./judgement.ts";
import { messageSchema, usageSchema } from "./message.ts";
import { reportedErrorSchema } from "./outcome.ts";
import { runStatusSchema } from "./run.ts";
import { stopReasonSchema } from "./stop-reason.ts";
import { toolTraitsSchema } from "./step.ts";

/** Where the record came from: what makes replays and zombies recognisable. */
export const sourceCoordinatesSchema = z.object({
  topic: z.string(),
  partition: z.number().int().nonnegative(),
  offset: z.number().int().nonnegative(),
  /** Position within the record. */
  index: z.number().int().nonnegative(),
});
export type SourceCoordinates = z.infer<typeof sourceCoordinatesSchema>;

const common = {
  version: z.literal(1),
  /** Deterministic: the same span or log record gives the same id however often it is read. */
  observationId: idSchema,
  tenantId: tenantIdSchema,
  /** The run id this record is keyed by, fixed by what was known when the first record of the trace arrived. */
  affinity: idSchema,
  /** Run ids learned since that name the same run. */
  aliases: z.array(idSchema),
  /** Who sent the telemetry, as the receiver authenticated it; empty when nobody was asked. */
  principal: z.string(),
  source: sourceCoordinatesSchema,
  dialect: z.string(),
  service: z.string(),
  agentName: z.string(),
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string(),
  /** Event time of the record itself. */
  atMs: timeMsSchema,
};

const modelCallStart = z.object({ ...common, kind: z.literal("model-call-start"), ...modelStartFields });

const modelCallEnd = z.object({
  ...common,
  kind: z.literal("model-call-end"),
  startMs: timeMsSchema,
  endMs: timeMsSchema,
  provider: z.string(),
  requestModel: z.string(),
  responseModel: z.string().nullable(),
  responseId: z.string().nullable(),
  previousResponseId: z.string().nullable(),
  systemInstructions: z.string().nullable(),
  /** Null when the record carries no content. */
  inputMessages: z.array(messageSchema).nullable(),
  inputOffset: z.number().int().nonnegative(),
  inputMessageCount: z.number().int().nonnegative(),
  output: z.array(messageSchema).nullable(),
  finishReasons: z.array(z.string()),
  usage: usageSchema.nullable(),
  /** Cost as the emitter itself reported it, in millionths of a US dollar. */
  reportedCostMicroUsd: z.number().nonnegative().nullable(),
  error: reportedErrorSchema.nullable(),
  /** Sent instead of contents. */
  fingerprint: modelFingerprintSchema.optional(),
});

const toolCallStart = z.object({ ...common, kind: z.literal("tool-call-start"), ...toolStartFields });

const toolCallEnd = z.object({
  ...common,
  kind: z.literal("tool-call-end"),
  startMs: timeMsSchema,
  endMs: timeMsSchema,
  toolName: z.string(),
  callId: z.string().nullable(),
  arguments: z.string().nullable(),
  result: z.string().nullable(),
  error: reportedErrorSchema.nullable(),
  traits: toolTraitsSchema,
  /** Sent instead of contents. */
  fingerprint: toolFingerprintSchema.optional(),
});

/** An agent, workflow or request around the calls. */
const scopeEnd = z.object({
  ...common,
  kind: z.literal("scope-end"),
  startMs: timeMsSchema,
  endMs: timeMsSchema,
  name: z.string(),
  isRoot: z.boolean(),
  isAgent: z.boolean(),
  goal: z.string().nullable(),
  output: z.string().nullable(),
  error: reportedErrorSchema.nullable(),
  /** Of all calls right under it; told only where the calls' own spans do not tell of each. Never added to theirs. */
  usage: usageSchema.optional(),
});

const runStart = z.object({ ...common, kind: z.literal("run-start"), ...runStartFields });
const runEnd = z.object({ ...common, kind: z.literal("run-end"), ...runEndFields });

const runState = z.object({
  ...common,
  kind: z.literal("run-state"),
  from: runStatusSchema,
  to: runStatusSchema,
  stopReason: stopReasonSchema.nullable(),
  message: z.string(),
  phase: z.string().nullable(),
});

const guardFinding = z.object({
  ...common,
  kind: z.literal("guard-finding"),
  findingKind: findingKindSchema,
  guard: z.string(),
  signature: z.string(),
  summary: z.string(),
  intervention: interventionSchema,
  confidence: z.number().min(0).max(1),
  /** Steps that prove it. */
  steps: z.array(z.object({ stepId: idSchema, name: z.string() })).max(12),
  revision: z.number().int().nonnegative(),
});

const heartbeat = z.object({
  ...common,
  kind: z.literal("heartbeat"),
  instanceId: z.string(),
  openSteps: z.number().int().nonnegative(),
});
const acked = z.object({ ...common, kind: z.literal("ack"), ack: ackSchema });
const checkpointed = z.object({ ...common, kind: z.literal("checkpoint"), checkpoint: checkpointSchema });
const approvalRequested = z.object({
  ...common,
  kind: z.literal("approval-request"),
  request: approvalRequestSchema,
});

/** Content of a message that arrived apart from its span (events of conventions up to 1.36). */
const messageContent = z.object({
  ...common,
  kind: z.literal("message-content"),
  direction: z.enum(["input", "output"]),
  messages: z.array(messageSchema),
  finishReasons: z.array(z.string()),
});

/** What one span or log record says, in neutral terms, before runs are known. */
export const observationSchema = z.discriminatedUnion("kind", [
  modelCallStart,
  modelCallEnd,
  toolCallStart,
  toolCallEnd,
  scopeEnd,
  runStart,
  runEnd,
  runState,
  guardFinding,
  heartbeat,
  acked,
  checkpointed,
  approvalRequested,
  messageContent,
]);
export type Observation = z.infer<typeof observationSchema>;
export type ObservationOf<Kind extends Observation["kind"]> = Extract<Observation, { kind: Kind }>;

/** Appended by the owner of the partition, so that a replay sees the same passing of time. */
export const timerSchema = z.object({ version: z.literal(1), kind: z.literal("timer"), nowMs: timeMsSchema });
export type Timer = z.infer<typeof timerSchema>;

/** How far a step says the same as earlier ones; appended by whoever compared them, so that a replay sees the same answer. */
export const similarityRecordSchema = z.object({
  version: z.literal(1),
  kind: z.literal("similarity"),
  tenantId: z.string(),
  runId: idSchema,
  stepId: idSchema,
  sameness: z.array(z.number().min(0).max(1)).min(1).max(16),
  /** Id of the embedder, or `lexical`. */
  embedder: z.string(),
  /** Compared by words alone although an embedder is set. */
  degraded: z.boolean(),
  atMs: timeMsSchema,
});
export type SimilarityRecord = z.infer<typeof similarityRecordSchema>;

/** Value of a record in the observations topic. */
export const observationRecordSchema = z.union([
  observationSchema,
  timerSchema,
  similarityRecordSchema,
  judgementRecordSchema,
]);
export type ObservationRecord = z.infer<typeof observationRecordSchema>;
