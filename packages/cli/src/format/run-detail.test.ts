import { toolStep } from "@plumbline/contracts/testing";
import type { Finding, RunDetail, RunSummary } from "@plumbline/contracts";
import { describe, expect, it } from "vitest";
import { formatRunDetail } from "./run-detail.ts";

const nowMs = 1_750_000_100_000;

const run: RunSummary = {
  version: 1,
  tenantId: "",
  runId: "r-7f3a",
  aliases: [],
  parentRunId: null,
  agentName: "refunds",
  service: "shop",
  goal: "Refund order 1042 and e-mail the customer",
  status: "running",
  stuck: true,
  stopReason: null,
  message: "",
  profile: "guard",
  gate: "connected",
  models: ["gpt-5-mini"],
  dialects: ["plumbline"],
  principal: "",
  modelCalls: 15,
  toolCalls: 15,
  errors: 0,
  inputTokens: 12_000,
  outputTokens: 900,
  cachedInputTokens: 0,
  costMicroUsd: 3_180_000,
  unpricedCalls: 0,
  costSinceProgressMicroUsd: 2_410_000,
  limits: { usd: 5 },
  progress: 0.06,
  lastSequence: 31,
  lastProgressSequence: 14,
  lastProgressAtMs: nowMs - 252_000,
  openStep: { stepId: "s-31", name: "search_orders", sinceMs: nowMs - 2_100 },
  openFindingIds: ["f-19"],
  pendingApprovalIds: [],
  checkpointId: "13",
  directiveGeneration: 0,
  acknowledgedGeneration: 0,
  traceId: "t",
  startedAtMs: nowMs - 600_000,
  lastSeenAtMs: nowMs - 300,
  endedAtMs: null,
  revision: 1,
};

const finding: Finding = {
  version: 1,
  tenantId: "",
  findingId: "f-19",
  runId: "r-7f3a",
  kind: "semantic-loop",
  detectorVersion: "1",
  confidence: 0.97,
  stopReason: "LOOP_DETECTED",
  summary: "The same search in other words, three times, always empty.",
  ruledOut: "not polling: nothing changed between; one entity: 1042",
  also: ["no-progress"],
  firstSequence: 14,
  atSequence: 22,
  lastProgressSequence: 14,
  costSinceProgressMicroUsd: 2_410_000,
  evidence: [
    {
      stepId: "s-14",
      sequence: 14,
      name: "search_orders",
      call: '{"q":"order 1042"}',
      returned: "0 rows",
      broughtNew: true,
    },
    {
      stepId: "s-18",
      sequence: 18,
      name: "search_orders",
      call: '{"q":"#1042"}',
      returned: "0 rows",
      broughtNew: false,
    },
  ],
  intervention: "pause",
  enforced: false,
  profile: "guard",
  traceId: "t",
  spanId: "s",
  firstAtMs: nowMs - 1_000,
  raisedAtMs: nowMs - 900,
  revision: 0,
};

const detail: RunDetail = {
  run,
  steps: [
    toolStep(
      8,
      { name: "email.send" },
      { tool: { callId: "c", arguments: "{}", result: "ok", traits: { reversible: false } } },
    ),
  ],
  findings: [finding],
  scores: [0.2, 0.71, 0.3, 0.06].map((value, index) => ({
    version: 1,
    tenantId: "",
    runId: "r-7f3a",
    stepId: `s-${String(index)}`,
    sequence: index + 8,
    name: "progress",
    value,
    atMs: 1,
    revision: 0,
  })),
  commands: [],
  approvals: [],
  checkpoints: [],
  incidents: [
    {
      incidentId: "i-88",
      kind: "semantic-loop",
      toolName: "search_orders",
      runIds: ["r-7f3a", "r-1", "r-2"],
      firstAtMs: nowMs - 60_000,
      lastAtMs: nowMs,
      wastedMicroUsd: 1,
      summary: "",
    },
  ],
  precision: { "semantic-loop": { right: 211, falseAlarm: 4 } },
  openStepP95Ms: 400,
};

describe("plumbline show", () => {
  const text = formatRunDetail(detail, nowMs);
  const lines = text.split("\n");

  it("says first who it is, where it stands, and how old the news is", () => {
    expect(lines[0]).toBe(
      "refunds r-7f3a  RUNNING, STUCK 4m12s  gpt-5-mini  gate connected, telemetry 300 ms old",
    );
  });

  it("names the step under way against what it usually takes", () => {
    expect(lines).toContain("Now       step 31: search_orders, 2.1 s (p95 400 ms)");
  });

  it("tells what the standstill has cost", () => {
    expect(text).toContain("$3.18 of $5.00; $2.41 since step 14");
    expect(text).toContain("0.06 (0.71 at step 9), nothing new since step 14");
  });

  it("gives the evidence line by line, with what it is not", () => {
    expect(text).toContain("WHY   f-19 semantic-loop 0.97   (here, 30 days: 211 right, 4 false alarms)");
    expect(text).toContain('    18  search_orders {"q":"#1042"}       0 rows    –');
    expect(text).toContain("not polling: nothing changed between");
    expect(text).toContain("seen by no-progress too");
  });

  it("says what it would have done when the profile does not enforce it", () => {
    expect(text).toMatch(/DID {3}\d\d:\d\d:\d\d would pause \(profile guard\)/);
  });

  it("names the other runs with the same trouble, and how to hold them together", () => {
    expect(text).toMatch(/ALIKE 3 runs since \d\d:\d\d:\d\d, semantic-loop on search_orders: incident i-88/);
    expect(text).toContain("plumbline pause --incident i-88");
  });

  it("says what can't be undone", () => {
    expect(text).toContain("CANNOT UNDO email.send, step 8");
  });

  it("never offers to pause a run without a gate", () => {
    const watched = formatRunDetail({ ...detail, run: { ...run, gate: "none" } }, nowMs);
    expect(watched).toContain("no gate attached");
    expect(watched).not.toContain("plumbline pause");
  });
});
