import type { ObservationOf } from "@plumbline/contracts";
import { expect, it } from "vitest";
import { guardFindingOf } from "./guard-finding.ts";
import { initialSummary, withEnd, withState } from "./summary.ts";

const summary = initialSummary({ tenantId: "", runId: "r-1", profile: "guard", atMs: 0 });
const noticed = {
  kind: "guard-finding",
  findingKind: "invalid-call",
  guard: "phases",
  signature: "plan → verify",
  summary: "The phase can't change.",
  intervention: "nudge",
  confidence: 1,
  steps: [{ stepId: "s-1", name: "look" }],
  revision: 0,
  atMs: 5,
  traceId: "",
  spanId: "",
} as unknown as ObservationOf<"guard-finding">;

it("makes one finding of a run of what a guard notices again and again", () => {
  const first = guardFindingOf(summary, noticed);
  const later = guardFindingOf(
    { ...summary, lastProgressSequence: 9, lastSequence: 12 },
    { ...noticed, revision: 3 },
  );
  expect(later.findingId).toBe(first.findingId);
  expect(first).toMatchObject({ kind: "invalid-call", stopReason: "TOOL_FAILURE", enforced: true });
  expect(first.evidence).toMatchObject([{ stepId: "s-1", name: "look" }]);
  expect(guardFindingOf(summary, { ...noticed, signature: "act → plan" }).findingId).not.toBe(
    first.findingId,
  );
});

it("follows the agent's own moves with their reason, and clears it when the run goes on", () => {
  const paused = withState(summary, { to: "paused", stopReason: "USER_PAUSED", message: "hold", atMs: 1 });
  expect(paused).toMatchObject({ status: "paused", stopReason: "USER_PAUSED", message: "hold" });
  const running = withState(paused, { to: "running", stopReason: null, message: "", atMs: 2 });
  expect(running).toMatchObject({ status: "running", stopReason: null, message: "" });
});

it("takes no move that the table does not allow", () => {
  const end = { status: "killed", stopReason: "USER_KILLED", message: "", atMs: 1 } as const;
  const killed = withEnd(summary, end);
  expect(withState(killed, { to: "running", stopReason: null, message: "", atMs: 2 })).toBe(killed);
});
