import {
  type Ack,
  type ApprovalRequest,
  type Checkpoint,
  type Command,
  type Directive,
  type Feedback,
  type Finding,
  type OtlpSpan,
  type RunSummary,
  type Score,
  initialDirective,
} from "@plumbline/contracts";
import { auditChain, auditKey, auditTables, modelStep, toolStep } from "@plumbline/contracts/testing";
import type { StoredLog, StoredSpan, TableItems, TableName } from "../store.ts";

/** Noon on 15 June 2025. */
export const noonMs = 1_749_988_800_000;

const origin: OtlpSpan["origin"] = {
  resourceAttributes: { "service.name": "shop" },
  resourceSchemaUrl: "",
  scopeName: "scope",
  scopeVersion: "1",
  scopeAttributes: {},
  scopeSchemaUrl: "",
};

export function sampleSpan(runId: string, overrides: Partial<OtlpSpan> = {}): StoredSpan {
  const start = BigInt(noonMs) * 1_000_000n + 123_456_789n;
  const span: OtlpSpan = {
    origin,
    traceId: "0af7651916cd43dd8448eb211c80319c",
    spanId: "00f067aa0ba902b7",
    parentSpanId: "",
    traceState: "",
    name: "chat gpt-5-mini",
    kind: 3,
    startTimeUnixNano: start,
    endTimeUnixNano: start + 2_000_000_001n,
    attributes: { "gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-5-mini" },
    droppedAttributesCount: 0,
    events: [{ timeUnixNano: start + 1n, name: "token", attributes: { n: "1" } }],
    links: [{ traceId: "aa", spanId: "bb", traceState: "", attributes: {} }],
    status: { code: 2, message: "it failed" },
    flags: 0,
    ...overrides,
  };
  return { tenantId: "", runId, span };
}

export function sampleLog(runId: string): StoredLog {
  const timeUnixNano = BigInt(noonMs) * 1_000_000n;
  return {
    tenantId: "",
    runId,
    log: {
      origin,
      timeUnixNano,
      observedTimeUnixNano: timeUnixNano,
      severityNumber: 9,
      severityText: "INFO",
      eventName: "plumbline.heartbeat",
      body: "alive",
      attributes: { open: "1" },
      droppedAttributesCount: 0,
      traceId: "",
      spanId: "",
      flags: 1,
    },
  };
}

export function sampleRun(runId: string, overrides: Partial<RunSummary> = {}): RunSummary {
  return {
    version: 1,
    tenantId: "",
    runId,
    aliases: [`alias-of-${runId}`],
    parentRunId: null,
    agentName: "refunds",
    service: "shop",
    goal: "Refund order 1042",
    status: "running",
    stuck: true,
    stopReason: null,
    message: "",
    profile: "guard",
    gate: "connected",
    models: ["gpt-5-mini"],
    dialects: ["genai"],
    principal: "",
    modelCalls: 3,
    toolCalls: 4,
    errors: 1,
    inputTokens: 100,
    outputTokens: 20,
    cachedInputTokens: 0,
    costMicroUsd: 3_180_000,
    unpricedCalls: 0,
    costSinceProgressMicroUsd: 2_410_000.5,
    limits: { usd: 5 },
    progress: 0.06,
    lastSequence: 7,
    lastProgressSequence: 2,
    lastProgressAtMs: noonMs,
    openStep: { stepId: "t.s", name: "search_orders", sinceMs: noonMs + 0.5 },
    openFindingIds: ["f-1"],
    pendingApprovalIds: [],
    checkpointId: null,
    directiveGeneration: 2,
    acknowledgedGeneration: 1,
    traceId: "0af7651916cd43dd8448eb211c80319c",
    startedAtMs: noonMs,
    lastSeenAtMs: noonMs + 60_000,
    endedAtMs: null,
    revision: 1,
    ...overrides,
  };
}

export function sampleFinding(runId: string, overrides: Partial<Finding> = {}): Finding {
  return {
    version: 1,
    tenantId: "",
    findingId: `f-${runId}`,
    runId,
    kind: "exact-loop",
    detectorVersion: "3",
    confidence: 0.97,
    stopReason: "LOOP_DETECTED",
    summary: "The same call three times.",
    ruledOut: "not polling",
    firstSequence: 3,
    atSequence: 7,
    lastProgressSequence: 2,
    costSinceProgressMicroUsd: 2_410_000,
    evidence: [
      { stepId: "t.s", sequence: 7, name: "search", call: "q", returned: "0 rows", broughtNew: false },
    ],
    intervention: "pause",
    enforced: true,
    profile: "guard",
    traceId: "0af7651916cd43dd8448eb211c80319c",
    spanId: "00f067aa0ba902b7",
    firstAtMs: noonMs + 1000,
    raisedAtMs: noonMs + 1100,
    revision: 0,
    ...overrides,
  };
}

export function sampleCommand(runId: string): Extract<Command, { verb: "pause" }> {
  return {
    version: 1,
    type: "command",
    tenantId: "",
    runId,
    commandId: `c-${runId}`,
    issuedBy: "policy:exact-loop@3",
    issuedAtMs: noonMs + 1200,
    findingId: `f-${runId}`,
    message: "It repeats itself.",
    verb: "pause",
    reason: "LOOP_DETECTED",
  };
}

export function sampleDirective(runId: string, overrides: Partial<Directive> = {}): Directive {
  return {
    ...initialDirective("", runId),
    generation: 5,
    desired: "paused",
    reason: "LOOP_DETECTED",
    findingId: `f-${runId}`,
    nudges: [{ id: "n-1", text: "try else" }],
    approvals: {
      "a-1": {
        decision: "denied",
        argsHash: "h",
        by: "user:ana",
        editedArguments: null,
        message: "",
        decidedAtMs: noonMs,
      },
    },
    issuedAtMs: noonMs + 1200,
    issuedBy: "policy:exact-loop@3",
    ...overrides,
  };
}

export function sampleAck(runId: string, overrides: Partial<Ack> = {}): Ack {
  return {
    version: 1,
    tenantId: "",
    runId,
    ackId: `k-${runId}`,
    instanceId: "i-1",
    generation: 5,
    phase: "applied",
    subject: { kind: "directive" },
    detail: "nothing is under way",
    stepId: null,
    atMs: noonMs + 1450,
    ...overrides,
  };
}

const sampleScore = (runId: string): Score => ({
  version: 1,
  tenantId: "",
  runId,
  stepId: "t.s",
  sequence: 7,
  name: "progress",
  value: 0.06,
  atMs: noonMs + 0.25,
  revision: 0,
});

export const sampleApproval = (runId: string): ApprovalRequest => ({
  version: 1,
  tenantId: "",
  runId,
  approvalId: "a-1",
  stepId: "t.s",
  toolName: "refund",
  arguments: "{}",
  argsHash: "h",
  reasoning: "The customer asked.",
  expectedOutcome: "A refund.",
  risk: "high",
  reversible: false,
  defaultDecision: "deny",
  wasInFlight: false,
  context: { goal: "Refund order 1042", steps: 8, usd: 0.2, actions: ["charge: done"] },
  requestedAtMs: noonMs,
  expiresAtMs: noonMs + 60_000,
});

const sampleCheckpoint = (runId: string): Checkpoint => ({
  version: 1,
  tenantId: "",
  runId,
  checkpointId: "p-1",
  sequence: 8,
  phase: "action-started",
  stepId: "t.s",
  toolName: "refund",
  arguments: "{}",
  idempotencyKey: "key",
  reasoning: "The customer asked.",
  label: "",
  stateBytes: 12,
  stateHash: "h",
  atMs: noonMs,
});

export const sampleFeedback = (runId: string, overrides: Partial<Feedback> = {}): Feedback => ({
  version: 1,
  tenantId: "",
  findingId: `f-${runId}`,
  runId,
  verdict: "right",
  by: "user:ana",
  comment: "",
  atMs: noonMs + 5000,
  ...overrides,
});

const auditedBy = auditKey();

/** One item of every table. */
export function samplesOf(runId: string): { [Name in TableName]: TableItems[Name][] } {
  // A ledger of its own for every run: two entries of one ledger with the same number are one row.
  const ledger = Buffer.from(runId).reduce((sum, byte) => (sum * 31 + byte) % 2 ** 31, 7);
  const audit = auditTables(auditedBy, auditChain(runId, `chain-of-${runId}`, 2), ledger);
  return {
    otel_traces: [sampleSpan(runId)],
    otel_logs: [sampleLog(runId)],
    steps: [toolStep(1, { name: "search" }, { runId }), modelStep(2, "done", { runId })],
    scores: [sampleScore(runId)],
    findings: [sampleFinding(runId)],
    commands: [sampleCommand(runId)],
    directives: [sampleDirective(runId)],
    acks: [sampleAck(runId)],
    runs: [sampleRun(runId)],
    approvals: [sampleApproval(runId)],
    checkpoints: [sampleCheckpoint(runId)],
    tool_calls_audit: audit.compliance,
    audit_log: audit.technical,
    audit_heads: audit.heads,
    feedback: [sampleFeedback(runId)],
  };
}
