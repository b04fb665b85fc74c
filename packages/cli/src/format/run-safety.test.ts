import { toolStep } from "@plumbline/contracts/testing";
import { type Approval, type Checkpoint, type RunDetail, runDetailSchema } from "@plumbline/contracts";
import { describe, expect, it } from "vitest";
import { formatApprovals } from "./approvals.ts";
import { approvalCommands, approvalLines, safetyLines } from "./run-safety.ts";

const nowMs = 1_750_000_000_000;

const checkpoint = (checkpointId: string, phase: Checkpoint["phase"], label = ""): Checkpoint => ({
  version: 1,
  tenantId: "",
  runId: "r-1",
  checkpointId,
  sequence: 3,
  phase,
  stepId: "t.s",
  toolName: phase === "saved" ? null : "refund",
  arguments: phase === "saved" ? null : '{"order":1042}',
  idempotencyKey: null,
  reasoning: "",
  label,
  stateBytes: 0,
  stateHash: "",
  atMs: nowMs,
});

const approval = (status: Approval["status"], decidedBy = ""): Approval => ({
  request: {
    version: 1,
    tenantId: "",
    runId: "r-1",
    approvalId: "a-1",
    stepId: "t.s",
    toolName: "refund",
    arguments: '{"order":1042}',
    argsHash: "h",
    reasoning: "The customer was charged twice.",
    expectedOutcome: "The second charge is paid back.",
    risk: "high",
    reversible: false,
    defaultDecision: "deny",
    wasInFlight: false,
    context: { goal: "Refund order 1042", steps: 7, usd: 0.12, actions: ["charge: done"] },
    requestedAtMs: nowMs - 60_000,
    expiresAtMs: nowMs + 240_000,
  },
  status,
  decidedBy,
  decidedAtMs: null,
  message: "",
  editedArguments: null,
  acknowledged: status === "approved",
});

function detailWith(change: {
  status?: RunDetail["run"]["status"];
  checkpointId?: string | null;
  checkpoints?: Checkpoint[];
  approvals?: Approval[];
  steps?: RunDetail["steps"];
}): RunDetail {
  const { status = "running", checkpointId = null, checkpoints = [], approvals = [], steps = [] } = change;
  const run = { runId: "r-1", status, checkpointId } as RunDetail["run"];
  return { run, checkpoints, approvals, steps } as unknown as RunDetail;
}

const sent = toolStep(
  8,
  { name: "email.send" },
  { stepId: "t.s", tool: { callId: "c", arguments: "{}", result: "ok", traits: { reversible: false } } },
);

describe("what show says of safety", () => {
  it("is unsafe to pause while an external action is under way", () => {
    const checkpoints = [checkpoint("c-1", "saved", "plan made"), checkpoint("c-2", "action-started")];
    const [line] = safetyLines(detailWith({ checkpointId: "c-2", checkpoints }));
    expect(line).toContain("SAFE TO PAUSE no, refund is under way (checkpoint c-2)");
    expect(line).toMatch(/RESUMABLE yes, checkpoint c-1 "plan made" of \d\d:\d\d:\d\d/u);
    const done = [...checkpoints, checkpoint("c-2", "action-done")];
    expect(safetyLines(detailWith({ checkpointId: "c-2", checkpoints: done }))[0]).toContain(
      "SAFE TO PAUSE yes",
    );
  });

  it("is safe to pause while an action only waits for its approval", () => {
    const waiting = { ...sent, state: "running" as const };
    expect(safetyLines(detailWith({ steps: [waiting] }))[0]).toContain("no, email.send is under way");
    const approvals = [approval("pending")];
    expect(safetyLines(detailWith({ steps: [waiting], approvals }))[0]).toContain("SAFE TO PAUSE yes");
  });

  it("says what is in flight of a run that failed, and that it can be resumed", () => {
    const lines = safetyLines(
      detailWith({
        status: "failed",
        checkpointId: "c-2",
        checkpoints: [checkpoint("c-2", "action-started")],
      }),
    );
    expect(lines[0]).toContain('IN FLIGHT refund {"order":1042}');
    expect(lines[1]).toContain("RESUMABLE yes, from its beginning with what was done");
    expect(safetyLines(detailWith({ status: "killed", checkpointId: "c-2" }))).toEqual([]);
    expect(safetyLines(detailWith({}))[0]).toContain("RESUMABLE while its process lives");
  });

  it("names who approved what can't be undone", () => {
    const approvals = [approval("approved", "user:ana")];
    expect(safetyLines(detailWith({ steps: [sent], approvals }))[0]).toContain(
      "CANNOT UNDO email.send, step 8 (approved by user:ana)",
    );
  });

  it("shows what waits with its default and how to answer it", () => {
    const detail = detailWith({ status: "awaiting_approval", approvals: [approval("pending")] });
    expect(approvalLines(detail, nowMs)).toEqual([
      'APPROVAL a-1 WAITS: refund {"order":1042}; denied in 4m00s if nobody answers',
    ]);
    expect(approvalCommands(detail)).toEqual(["plumbline approve a-1", "plumbline deny a-1"]);
  });
});

describe("plumbline approvals", () => {
  it("gives a person all that the decision needs", () => {
    const text = formatApprovals([approval("pending")], nowMs);
    expect(text).toContain(
      "a-1  refund, high risk, CANNOT BE UNDONE  pending, denied in 4m00s if nobody answers",
    );
    for (const part of [
      "Refund order 1042",
      "charged twice",
      "paid back",
      "charge: done",
      "plumbline deny a-1",
    ])
      expect(text).toContain(part);
    expect(formatApprovals([], nowMs)).toBe("Nothing waits for an answer.");
  });
});

it("keeps details of servers without approvals readable", () => {
  expect(runDetailSchema.shape.approvals.parse(undefined)).toEqual([]);
});
