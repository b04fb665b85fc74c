import { type Ack, type Directive, initialDirective } from "@plumbline/contracts";
import { describe, expect, it } from "vitest";
import { initialSummary, withAck, withEnd } from "./summary.ts";

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
});
