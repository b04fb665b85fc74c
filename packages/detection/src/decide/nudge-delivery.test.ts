import type { Ack, Command, Step } from "@plumbline/contracts";
import { toolStep } from "@plumbline/contracts/testing";
import { describe, expect, it } from "vitest";
import { createMonitor } from "../create-monitor.ts";
import { promptAckOf } from "../evaluate/prompt-ack.ts";
import { createPolicy } from "./policy.ts";

function failedCall(call: number, everyMs: number): Step {
  const error = { class: "error", evidence: "status", errorType: "503", message: "queue offline" } as const;
  return toolStep(
    call,
    { name: "print", arguments: { weight: call * 7 }, result: "503 queue offline" },
    { outcome: error, startMs: call * everyMs, endMs: call * everyMs + 10 },
  );
}

/** A row of failing calls; `ackAfter` calls pass between a nudge and its ack. */
function callsBetweenNudgeAndPause(ackAfter: number, given: Partial<Ack> = {}, everyMs = 1000): number {
  const monitor = createMonitor(createPolicy({ profile: "enforce" }));
  let state = monitor.begin({ tenantId: "", runId: "run-1", agentName: "agent" });
  ({ state } = monitor.next(state, {
    type: "run-start",
    goal: "Print it",
    limits: {},
    hasGate: true,
    atMs: 1,
  }));
  const at = new Map<Command["verb"], number>();
  let waiting: { command: Command; dueAt: number } | undefined;
  for (let call = 1; call <= 60; call += 1) {
    const change = monitor.next(state, { type: "step", step: failedCall(call, everyMs) });
    ({ state } = change);
    for (const output of change.outputs) {
      if (output.type !== "command") continue;
      at.set(output.command.verb, call);
      if (output.command.verb === "nudge") waiting = { command: output.command, dueAt: call + ackAfter };
    }
    if (waiting?.dueAt === call) {
      const ack = { ...promptAckOf(waiting.command), ...given };
      ({ state } = monitor.next(state, { type: "ack", ack }));
    }
  }
  return Number(at.get("pause")) - Number(at.get("nudge"));
}

describe("a nudge on its way", () => {
  it("is given two calls once it was acked, not before", () => {
    expect(callsBetweenNudgeAndPause(0)).toBe(2);
    expect(callsBetweenNudgeAndPause(2)).toBe(4);
  });

  it("counts no call that was made before it was given and is heard of later", () => {
    const nudgedAtCall = 5;
    expect(callsBetweenNudgeAndPause(0, { atMs: (nudgedAtCall + 3) * 1000 + 20 })).toBe(3 + 2);
  });

  it("does not protect a run whose agent never acks it", () => {
    expect(callsBetweenNudgeAndPause(1_000)).toBe(6);
  });

  it("is given three seconds to arrive, however many calls the agent makes meanwhile", () => {
    expect(callsBetweenNudgeAndPause(20, {}, 100)).toBe(20 + 2);
    expect(callsBetweenNudgeAndPause(1_000, {}, 100)).toBe(30 + 2);
  });
});
