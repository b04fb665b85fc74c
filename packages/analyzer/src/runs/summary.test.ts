import { type Ack, type Directive, initialDirective } from "@plumbline/contracts";
import { describe, expect, it } from "vitest";
import { initialSummary, withAck, withEnd, withState } from "./summary.ts";

const running = {
  ...initialSummary({ tenantId: "", runId: "run-1", profile: "enforce", atMs: 1 }),
  status: "running" as const,
};
const pause: Directive = {
  ...initialDirective("", "run-1"),
  generation: 1,
  desired: "paused",
  reason: "USER_PAUSED",
  message: "a look",
};
const applied: Ack = {
  version: 1,
  tenantId: "",
  runId: "run-1",
  ackId: "ack-1",
  instanceId: "instance-1",
  generation: 1,
  phase: "applied",
  subject: { kind: "directive" },
  detail: "",
  stepId: null,
  atMs: 5,
};

describe("a run's summary", () => {
  it("is paused once the agent says that it obeyed", () => {
    expect(withAck(running, applied, pause)).toMatchObject({ status: "paused", stopReason: "USER_PAUSED" });
    expect(withAck(running, { ...applied, phase: "received" }, pause)).toMatchObject({ status: "running" });
  });

  it("keeps how the run ended when a pause comes too late", () => {
    const end = { status: "completed" as const, stopReason: "COMPLETED" as const, message: "", atMs: 4 };
    expect(withAck(withEnd(running, end), applied, pause)).toMatchObject({
      status: "completed",
      stopReason: "COMPLETED",
      message: "",
      acknowledgedGeneration: 1,
    });
  });

  it("follows the agent's own moves with their reason, and clears it when the run goes on", () => {
    const paused = withState(running, { to: "paused", stopReason: "USER_PAUSED", message: "hold", atMs: 1 });
    expect(paused).toMatchObject({ status: "paused", stopReason: "USER_PAUSED", message: "hold" });
    const resumed = withState(paused, { to: "running", stopReason: null, message: "", atMs: 2 });
    expect(resumed).toMatchObject({ status: "running", stopReason: null, message: "" });
  });

  it("takes no move that the table does not allow", () => {
    const end = { status: "killed", stopReason: "USER_KILLED", message: "", atMs: 1 } as const;
    const killed = withEnd(running, end);
    expect(withState(killed, { to: "running", stopReason: null, message: "", atMs: 2 })).toBe(killed);
  });
});
