import type {
  Ack,
  ApprovalRequest,
  Checkpoint,
  Command,
  Directive,
  Feedback,
  Finding,
  RunSummary,
  Score,
  Step,
} from "@plumbline/contracts";
import {
  ackSchema,
  approvalRequestSchema,
  checkpointSchema,
  commandSchema,
  directiveSchema,
  feedbackSchema,
  findingKinds,
  findingSchema,
  interventions,
  outcomeClasses,
  runStatuses,
  runSummarySchema,
  scoreSchema,
  stepSchema,
  stopReasons,
} from "@plumbline/contracts";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Row } from "./row.ts";
import { tableMappings } from "./tables.ts";

const text = fc.string({ unit: "grapheme", maxLength: 12 });
const id = fc.stringMatching(/^[A-Za-z0-9._:-]{1,20}$/);
const tenantId = fc.stringMatching(/^[A-Za-z0-9._-]{0,8}$/);
const count = fc.maxSafeNat();
const position = fc.integer({ min: 1, max: 2 ** 31 });
const real = fc.double({ min: 0, max: 1e9, noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
const share = fc.double({ min: 0, max: 1, noNaN: true }).map((value) => value + 0);
const time = fc.integer({ min: 0, max: 4_102_444_799_999 });
const version = fc.constant(1 as const);
const orNull = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | null> => fc.option(value);
const stopReason = fc.constantFrom(...stopReasons);
const limits = fc.record({ usd: real, steps: count, wallTimeMs: count }, { requiredKeys: [] });
const message = fc.record({
  role: fc.constantFrom("user", "assistant"),
  parts: fc.array(fc.record({ type: fc.constant("text" as const), content: text }), { maxLength: 2 }),
});
const usage = fc.record({
  inputTokens: count,
  outputTokens: count,
  cachedInputTokens: count,
  reasoningOutputTokens: count,
  estimated: fc.boolean(),
});

const step: fc.Arbitrary<Step> = fc.record({
  version,
  tenantId,
  runId: id,
  stepId: id,
  sequence: position,
  revision: count,
  retracted: fc.boolean(),
  kind: fc.constantFrom("model" as const, "tool" as const),
  name: text,
  agentName: text,
  service: text,
  traceId: id,
  spanId: id,
  parentSpanId: text,
  synthetic: fc.boolean(),
  state: fc.constantFrom("running" as const, "ended" as const),
  startMs: time,
  endMs: orNull(time),
  outcome: fc.record({
    class: fc.constantFrom(...outcomeClasses),
    evidence: orNull(text),
    errorType: orNull(text),
    message: orNull(text),
  }),
  model: orNull(
    fc.record({
      provider: text,
      requestModel: text,
      responseModel: orNull(text),
      usage: orNull(usage),
      costMicroUsd: orNull(real),
      finishReasons: fc.array(text, { maxLength: 2 }),
      newInputMessages: fc.array(message, { maxLength: 2 }),
      inputMessageCount: count,
      output: fc.array(message, { maxLength: 2 }),
    }),
  ),
  tool: orNull(
    fc.record({
      callId: orNull(text),
      arguments: text,
      result: orNull(text),
      traits: fc.record({ risk: fc.constant("high" as const), polls: fc.boolean() }, { requiredKeys: [] }),
    }),
  ),
  dialect: text,
});

const score: fc.Arbitrary<Score> = fc.record({
  version,
  tenantId,
  runId: id,
  stepId: id,
  sequence: position,
  name: text,
  value: share,
  atMs: time,
  revision: count,
});

const finding: fc.Arbitrary<Finding> = fc.record({
  version,
  tenantId,
  findingId: id,
  runId: id,
  kind: fc.constantFrom(...findingKinds),
  detectorVersion: text,
  confidence: share,
  stopReason: orNull(stopReason),
  summary: text,
  ruledOut: text,
  firstSequence: count,
  atSequence: count,
  lastProgressSequence: count,
  costSinceProgressMicroUsd: real,
  evidence: fc.array(
    fc.record({
      stepId: id,
      sequence: position,
      name: text,
      call: text,
      returned: text,
      broughtNew: fc.boolean(),
    }),
    { maxLength: 2 },
  ),
  intervention: fc.constantFrom(...interventions),
  enforced: fc.boolean(),
  profile: text,
  traceId: text,
  spanId: text,
  firstAtMs: time,
  raisedAtMs: time,
  revision: count,
});

const feedback: fc.Arbitrary<Feedback> = fc.record({
  version,
  tenantId,
  findingId: id,
  runId: id,
  verdict: fc.constantFrom("right" as const, "false-alarm" as const),
  by: text,
  comment: text,
  atMs: time,
});

const commandBase = {
  version,
  type: fc.constant("command" as const),
  tenantId,
  runId: id,
  commandId: id,
  issuedBy: id,
  issuedAtMs: time,
  findingId: orNull(id),
  message: text,
};
const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ ...commandBase, verb: fc.constantFrom("pause" as const, "kill" as const), reason: stopReason }),
  fc.record({
    ...commandBase,
    verb: fc.constant("resume" as const),
    say: orNull(text),
    limits: orNull(limits),
  }),
  fc.record({
    ...commandBase,
    verb: fc.constant("nudge" as const),
    text: fc.string({ minLength: 1, maxLength: 9 }),
  }),
  fc.record({ ...commandBase, verb: fc.constant("limit" as const), limits }),
  fc.record({
    ...commandBase,
    verb: fc.constant("approve" as const),
    approvalId: id,
    argsHash: text,
    editedArguments: orNull(text),
  }),
  fc.record({ ...commandBase, verb: fc.constant("deny" as const), approvalId: id, argsHash: text }),
);

const directive: fc.Arbitrary<Directive> = fc.record({
  version,
  tenantId,
  runId: id,
  generation: count,
  desired: fc.constantFrom("running" as const, "paused" as const, "killed" as const),
  reason: orNull(stopReason),
  findingId: orNull(id),
  message: text,
  nudges: fc.array(fc.record({ id, text }), { maxLength: 2 }),
  limits,
  approvals: fc.dictionary(
    fc.stringMatching(/^[a-z]{1,8}$/),
    fc.record({
      decision: fc.constantFrom("approved" as const, "denied" as const),
      argsHash: text,
      by: text,
      editedArguments: orNull(text),
      message: text,
      decidedAtMs: time,
    }),
    { maxKeys: 2, noNullPrototype: true },
  ),
  issuedAtMs: time,
  issuedBy: text,
});

const ack: fc.Arbitrary<Ack> = fc.record({
  version,
  tenantId,
  runId: id,
  ackId: id,
  instanceId: text,
  generation: count,
  phase: fc.constantFrom("received" as const, "applied" as const, "expired" as const),
  subject: fc.oneof(
    fc.record({ kind: fc.constant("directive" as const) }),
    fc.record({ kind: fc.constant("nudge" as const), nudgeId: id }),
    fc.record({ kind: fc.constant("approval" as const), approvalId: id }),
  ),
  detail: text,
  stepId: orNull(text),
  atMs: time,
});

const approval: fc.Arbitrary<ApprovalRequest> = fc.record({
  version,
  tenantId,
  runId: id,
  approvalId: id,
  stepId: text,
  toolName: text,
  arguments: text,
  argsHash: text,
  reasoning: text,
  expectedOutcome: text,
  risk: fc.constantFrom("safe" as const, "high" as const),
  reversible: fc.boolean(),
  defaultDecision: fc.constantFrom("approve" as const, "deny" as const),
  wasInFlight: fc.boolean(),
  context: fc.record({ goal: text, steps: count, usd: real, actions: fc.array(text, { maxLength: 2 }) }),
  requestedAtMs: time,
  expiresAtMs: time,
});

const checkpoint: fc.Arbitrary<Checkpoint> = fc.record({
  version,
  tenantId,
  runId: id,
  checkpointId: id,
  sequence: count,
  phase: fc.constantFrom("saved" as const, "action-started" as const, "cleared" as const),
  stepId: text,
  toolName: orNull(text),
  arguments: orNull(text),
  idempotencyKey: orNull(text),
  reasoning: text,
  label: text,
  stateBytes: count,
  stateHash: text,
  atMs: time,
});

const run: fc.Arbitrary<RunSummary> = fc.record({
  version,
  tenantId,
  runId: id,
  aliases: fc.array(id, { maxLength: 2 }),
  parentRunId: orNull(id),
  agentName: text,
  service: text,
  goal: text,
  status: fc.constantFrom(...runStatuses),
  stuck: fc.boolean(),
  stopReason: orNull(stopReason),
  message: text,
  profile: text,
  gate: fc.constantFrom("connected" as const, "lost" as const, "none" as const),
  models: fc.array(text, { maxLength: 2 }),
  dialects: fc.array(text, { maxLength: 2 }),
  principal: text,
  modelCalls: count,
  toolCalls: count,
  errors: count,
  inputTokens: count,
  outputTokens: count,
  cachedInputTokens: count,
  costMicroUsd: real,
  unpricedCalls: count,
  costSinceProgressMicroUsd: real,
  limits,
  progress: share,
  lastSequence: count,
  lastProgressSequence: count,
  lastProgressAtMs: time,
  openStep: orNull(fc.record({ stepId: id, name: text, sinceMs: time })),
  openFindingIds: fc.array(id, { maxLength: 2 }),
  pendingApprovalIds: fc.array(id, { maxLength: 2 }),
  checkpointId: orNull(text),
  directiveGeneration: count,
  acknowledgedGeneration: count,
  traceId: text,
  startedAtMs: time,
  lastSeenAtMs: time,
  endedAtMs: orNull(time),
  revision: count,
});

/** As the database gives rows back: 64-bit integers as text. */
function throughJson(row: Row): Row {
  return JSON.parse(
    JSON.stringify(row, (_key, value: unknown) => (Number.isInteger(value) ? String(value) : value)),
  ) as Row;
}

/** The first item that does not come back as it was, for a person; empty when all do. */
function firstLoss<Item>(
  mapping: { toRow(item: Item): Row; fromRow(row: Row): Item },
  items: fc.Arbitrary<Item>,
  schema: { safeParse(value: unknown): { error?: unknown } },
): string {
  const details = fc.check(
    fc.property(items, (item) => {
      const back = mapping.fromRow(throughJson(mapping.toRow(item)));
      expect(back).toEqual(item);
      expect(schema.safeParse(back).error).toBeUndefined();
    }),
  );
  return fc.defaultReportMessage(details) ?? "";
}

test("every step comes back from its row", () => {
  expect(firstLoss(tableMappings.steps, step, stepSchema)).toBe("");
});

test("every score comes back from its row", () => {
  expect(firstLoss(tableMappings.scores, score, scoreSchema)).toBe("");
});

test("every finding comes back from its row", () => {
  expect(firstLoss(tableMappings.findings, finding, findingSchema)).toBe("");
});

test("every feedback comes back from its row", () => {
  expect(firstLoss(tableMappings.feedback, feedback, feedbackSchema)).toBe("");
});

test("every command comes back from its row", () => {
  expect(firstLoss(tableMappings.commands, command, commandSchema)).toBe("");
});

test("every directive comes back from its row", () => {
  expect(firstLoss(tableMappings.directives, directive, directiveSchema)).toBe("");
});

test("every ack comes back from its row", () => {
  expect(firstLoss(tableMappings.acks, ack, ackSchema)).toBe("");
});

test("every approval request comes back from its row", () => {
  expect(firstLoss(tableMappings.approvals, approval, approvalRequestSchema)).toBe("");
});

test("every checkpoint comes back from its row", () => {
  expect(firstLoss(tableMappings.checkpoints, checkpoint, checkpointSchema)).toBe("");
});

test("every run comes back from its row", () => {
  expect(firstLoss(tableMappings.runs, run, runSummarySchema)).toBe("");
});
