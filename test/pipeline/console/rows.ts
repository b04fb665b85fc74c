import type { Approval, ApprovalRequest, Finding, RunSummary } from "@plumbline/contracts";

const startMs = 1_750_000_000_000;

/** A run that goes on; override what the test is about. */
export function aRun(runId: string, overrides: Partial<RunSummary> = {}): RunSummary {
  return {
    version: 1,
    tenantId: "",
    runId,
    aliases: [],
    parentRunId: null,
    agentName: "refunds",
    service: "shop",
    goal: "Refund order 1042",
    status: "running",
    stuck: false,
    stopReason: null,
    message: "",
    profile: "enforce",
    gate: "connected",
    models: ["gpt-5-mini"],
    dialects: ["gen-ai"],
    principal: "local",
    modelCalls: 1,
    toolCalls: 0,
    errors: 0,
    inputTokens: 10,
    outputTokens: 5,
    cachedInputTokens: 0,
    costMicroUsd: 12,
    unpricedCalls: 0,
    costSinceProgressMicroUsd: 0,
    limits: {},
    progress: 0.5,
    lastSequence: 1,
    lastProgressSequence: 1,
    lastProgressAtMs: startMs,
    openStep: null,
    openFindingIds: [],
    pendingApprovalIds: [],
    checkpointId: null,
    directiveGeneration: 0,
    acknowledgedGeneration: 0,
    traceId: "0af7651916cd43dd8448eb211c80319c",
    startedAtMs: startMs,
    lastSeenAtMs: startMs,
    endedAtMs: null,
    revision: 1,
    ...overrides,
  };
}

export function aFinding(findingId: string, overrides: Partial<Finding> = {}): Finding {
  return {
    version: 1,
    tenantId: "",
    findingId,
    runId: "run-1",
    kind: "exact-loop",
    detectorVersion: "1",
    confidence: 0.97,
    stopReason: "LOOP_DETECTED",
    summary: "The same search three times.",
    ruledOut: "",
    firstSequence: 1,
    atSequence: 3,
    lastProgressSequence: 1,
    costSinceProgressMicroUsd: 40,
    evidence: [],
    intervention: "pause",
    enforced: true,
    profile: "enforce",
    traceId: "0af7651916cd43dd8448eb211c80319c",
    spanId: "00f067aa0ba902b7",
    firstAtMs: startMs,
    raisedAtMs: startMs,
    revision: 1,
    ...overrides,
  };
}

export function anApproval(approvalId: string, overrides: Partial<ApprovalRequest> = {}): ApprovalRequest {
  return {
    version: 1,
    tenantId: "",
    runId: "run-1",
    approvalId,
    stepId: "s",
    toolName: "refund",
    arguments: "{}",
    argsHash: "hash-of-arguments",
    reasoning: "",
    expectedOutcome: "",
    risk: "high",
    reversible: false,
    defaultDecision: "deny",
    wasInFlight: false,
    context: { goal: "", steps: 1, usd: 0, actions: [] },
    requestedAtMs: startMs,
    expiresAtMs: startMs + 60_000,
    ...overrides,
  };
}

/** An approval as the store tells of it. */
export function anAskedApproval(approvalId: string, overrides: Partial<Approval> = {}): Approval {
  return {
    request: anApproval(approvalId),
    status: "pending",
    decidedBy: "",
    decidedAtMs: null,
    message: "",
    editedArguments: null,
    acknowledged: false,
    ...overrides,
  };
}
