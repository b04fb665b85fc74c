import type { Ack, Command, ControlRecord } from "@plumbline/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { foldControl, initialControlState } from "./fold.ts";

const base = {
  version: 1,
  type: "command",
  tenantId: "",
  runId: "run-1",
  issuedAtMs: 1,
  findingId: null,
  message: "because",
} as const;
const pause = (commandId: string, issuedBy = "policy:exact-loop@1"): Command => ({
  ...base,
  commandId,
  issuedBy,
  verb: "pause",
  reason: "LOOP_DETECTED",
});
const resume = (commandId: string, say: string | null = null): Command => ({
  ...base,
  commandId,
  issuedBy: "user:ana",
  verb: "resume",
  say,
  limits: null,
});
const kill = (commandId: string): Command => ({
  ...base,
  commandId,
  issuedBy: "user:ana",
  verb: "kill",
  reason: "USER_KILLED",
});
const nudge = (commandId: string, text = "try something else"): Command => ({
  ...base,
  commandId,
  issuedBy: "user:ana",
  verb: "nudge",
  text,
});
const approve = (commandId: string): Command => ({
  ...base,
  commandId,
  issuedBy: "user:ana",
  verb: "approve",
  approvalId: "a-1",
  argsHash: "h",
  editedArguments: null,
});
const ack = (subject: Ack["subject"], phase: Ack["phase"] = "applied"): ControlRecord => ({
  version: 1,
  type: "ack",
  ack: {
    version: 1,
    tenantId: "",
    runId: "run-1",
    ackId: "ack-1",
    instanceId: "i",
    generation: 1,
    phase,
    subject,
    detail: "",
    stepId: null,
    atMs: 2,
  },
});

function foldAll(records: readonly ControlRecord[]) {
  return records.reduce(
    (state, record, offset) => foldControl(state, record, offset),
    initialControlState("", "run-1"),
  ).directive;
}

describe("the directive of a run", () => {
  it("carries the offset of its last change plus one as generation", () => {
    expect(foldAll([pause("k1"), resume("k2"), pause("k1")]).generation).toBe(2);
  });

  it("does not pause again when a replay publishes an old pause after a resume", () => {
    expect(foldAll([pause("k1"), resume("k2"), pause("k1")]).desired).toBe("running");
  });

  it("stays killed whatever comes later", () => {
    const directive = foldAll([kill("k1"), resume("k2"), pause("k3"), nudge("k4")]);
    expect(directive).toMatchObject({ desired: "killed", reason: "USER_KILLED", generation: 1 });
  });

  it("keeps the first reason of a pause unless a person pauses", () => {
    expect(foldAll([pause("k1"), pause("k2")]).generation).toBe(1);
    expect(foldAll([pause("k1"), pause("k2", "user:ana")]).issuedBy).toBe("user:ana");
  });

  it("holds two nudges until each is acked", () => {
    const pending = [nudge("n1"), nudge("n2")];
    expect(foldAll(pending).nudges.map((one) => one.id)).toEqual(["n1", "n2"]);
    expect(foldAll([...pending, ack({ kind: "nudge", nudgeId: "n1" })]).nudges.map((one) => one.id)).toEqual([
      "n2",
    ]);
    expect(foldAll([...pending, ack({ kind: "nudge", nudgeId: "n1" }, "received")]).nudges).toHaveLength(2);
  });

  it("gives the person's words as a nudge on resume", () => {
    expect(foldAll([pause("k1"), resume("k2", "1042 is locked")]).nudges).toEqual([
      { id: "k2", text: "1042 is locked" },
    ]);
  });

  it("forgets an approval once it was used", () => {
    expect(Object.keys(foldAll([approve("k1")]).approvals)).toEqual(["a-1"]);
    expect(foldAll([approve("k1"), ack({ kind: "approval", approvalId: "a-1" })]).approvals).toEqual({});
  });

  it("takes no second answer to an approval that was used, and another one to an answer that was rejected", () => {
    const used = ack({ kind: "approval", approvalId: "a-1" });
    expect(foldAll([approve("k1"), used, approve("k2")]).approvals).toEqual({});
    expect(foldAll([used, approve("k1")]).generation).toBe(0);
    const rejected = ack({ kind: "approval", approvalId: "a-1" }, "rejected");
    expect(Object.keys(foldAll([approve("k1"), rejected, approve("k2")]).approvals)).toEqual(["a-1"]);
  });

  it("is the same whichever owner folds, and its generation only grows", () => {
    const record = fc.oneof(
      fc.nat(5).map((n) => pause(`p${String(n)}`)),
      fc.nat(5).map((n) => resume(`r${String(n)}`)),
      fc.nat(5).map((n) => nudge(`n${String(n)}`)),
      fc.nat(5).map((n) => ack({ kind: "nudge", nudgeId: `n${String(n)}` })),
      fc.nat(5).map((n) => approve(`a${String(n)}`)),
      fc.constant(ack({ kind: "approval", approvalId: "a-1" })),
    );
    fc.assert(
      fc.property(fc.array(record, { maxLength: 40 }), fc.nat(40), (records, cut) => {
        let state = initialControlState("", "run-1");
        let generation = 0;
        records.forEach((one, offset) => {
          if (offset === cut) state = JSON.parse(JSON.stringify(state)) as typeof state;
          state = foldControl(state, one, offset);
          expect(state.directive.generation).toBeGreaterThanOrEqual(generation);
          generation = state.directive.generation;
        });
        expect(JSON.stringify(state.directive)).toBe(JSON.stringify(foldAll(records)));
      }),
    );
  });
});
