import type { Step } from "@plumbline/contracts";
import { describe, expect, test } from "vitest";
import { stepsOf, times, watch } from "../fixtures/scenarios.ts";
import type { GuardNotice, MonitorInput } from "../monitor.ts";

/** One search after the other comes back empty. */
const steps = stepsOf(
  times(14, (index) => ({
    tool: "search",
    args: { q: ["chat log retention", "retention of chat logs", "chat logs retention rules"][index % 3] },
    result: [],
  })),
);
const loopOnly = {
  detectors: {
    "exact-loop": { enabled: false },
    "retry-storm": { enabled: false },
    "no-progress": { enabled: false },
  },
};
const goal = "Find the retention rules of chat logs";

type Noticed = Extract<MonitorInput, { type: "guard-finding" }>;

function noticeOf(about: readonly Step[], changes: Partial<GuardNotice> = {}): Noticed {
  const atMs = about.at(-1)?.endMs ?? 1;
  return {
    type: "guard-finding",
    kind: "semantic-loop",
    guard: "loop",
    signature: "f-local",
    summary: "search was asked for the same thing again and again.",
    confidence: 0.8,
    intervention: "nudge",
    steps: about.map(({ stepId, name }) => ({ stepId, name })),
    revision: 0,
    atMs,
    traceId: about[0]?.traceId ?? "",
    spanId: "",
    ...changes,
  };
}

describe("what a guard of the agent noticed", () => {
  test("goes on in what the analyzer finds on the same stretch: one finding, and no nudge from here", () => {
    const early = noticeOf(steps.slice(0, 3));
    const { findings, commands } = watch([...steps.slice(0, 3), early, ...steps.slice(3)], {
      goal,
      policy: loopOnly,
    });
    expect(new Set(findings.map(({ findingId }) => findingId)).size).toBe(1);
    expect(findings.map(({ revision }) => revision)).toEqual(findings.map((_, index) => index));
    expect(new Set(findings.map(({ firstAtMs }) => firstAtMs)).size).toBe(1);
    expect(findings[0]).toMatchObject({
      detectorVersion: "agent:loop",
      intervention: "nudge",
      enforced: true,
    });
    expect(commands.map(({ verb }) => verb)).toEqual(["pause"]);
    const proof = findings.at(-1)?.evidence.map(({ stepId }) => stepId) ?? [];
    expect(proof).toEqual(expect.arrayContaining(early.steps.slice(0, 2).map(({ stepId }) => stepId)));
  });

  test("goes on in the analyzer's finding where that came first, and settles its nudge that is on its way", () => {
    const alone = watch(steps, { goal, policy: loopOnly, acks: false });
    const nudgedAt = alone.callsUntil("nudge") ?? Number.NaN;
    const before = steps.slice(0, nudgedAt);
    const inputs = [...before, noticeOf(before.slice(-4)), ...steps.slice(nudgedAt, nudgedAt + 1)];
    const { findings, commands, acks } = watch(inputs, { goal, policy: loopOnly, acks: false });
    expect(new Set(findings.map(({ findingId }) => findingId)).size).toBe(1);
    expect(findings[1]).toMatchObject({ summary: "search was asked for the same thing again and again." });
    expect(findings[1]?.evidence.length).toBeGreaterThanOrEqual(4);
    const [nudge] = commands;
    expect(commands.map(({ verb }) => verb)).toEqual(["nudge"]);
    expect(acks).toMatchObject([{ phase: "applied", subject: { kind: "nudge", nudgeId: nudge?.commandId } }]);
  });

  test("is a finding of its own where it speaks of other tools, or of another kind of matter", () => {
    const other = noticeOf([], { signature: "f-2", steps: [{ stepId: "elsewhere", name: "print" }] });
    const budget = noticeOf([], { kind: "budget", guard: "budget", signature: "usd $2", steps: [] });
    const { findings } = watch([...steps.slice(0, 3), noticeOf(steps.slice(0, 3)), other, budget], {
      goal,
      policy: loopOnly,
    });
    expect(new Set(findings.map(({ findingId }) => findingId)).size).toBe(3);
  });

  test("is one finding however often the agent tells of it, and where the stretch says nothing, by its signature", () => {
    const phases = { kind: "invalid-call", guard: "phases", signature: "plan → verify", steps: [] } as const;
    const first = noticeOf([], phases);
    const again = noticeOf([], { ...phases, revision: 3 });
    const another = noticeOf([], { ...phases, signature: "act → plan" });
    const { findings } = watch([first, ...steps.slice(0, 1), again, another], { goal });
    expect(findings[1]?.findingId).toBe(findings[0]?.findingId);
    expect(findings[1]?.revision).toBeGreaterThan(findings[0]?.revision ?? 0);
    expect(findings[2]?.findingId).not.toBe(findings[0]?.findingId);
    expect(findings[0]).toMatchObject({ kind: "invalid-call", stopReason: "TOOL_FAILURE", enforced: true });
  });

  test("that names a step makes that step no second finding of the same kind", () => {
    const user = { user: "Hi, I am mia_li_3668 and want to change booking Q69X3R." };
    const look = { tool: "get_user", args: { user_id: "mia_li_3668" }, result: '{"bookings":["Q69X3R"]}' };
    const stray = { tool: "get_booking", args: { id: "ZFA04Y" }, result: "{}" };
    const told = stepsOf([user, look, stray]);
    const call = told.slice(-1);
    const running = call.map((step) => ({ ...step, state: "running" as const, endMs: null }));
    const notice = noticeOf(call, { kind: "invalid-call", guard: "grounding", signature: "get_booking" });
    const ended = call.map((step) => ({ ...step, revision: 1 }));
    const { findings, commands } = watch([...told.slice(0, -1), ...running, notice, ...ended]);
    expect(new Set(findings.map(({ findingId }) => findingId)).size).toBe(1);
    expect(findings.map(({ revision }) => revision)).toEqual([0, 1]);
    expect(commands).toEqual([]);
  });

  test("about a budget does not keep what is done after it from being progress", () => {
    const work = stepsOf(
      times(4, (index) => ({ tool: "archive", args: { ticket: 1000 + index * 17 }, result: "ok" })),
    );
    const budget = noticeOf([], { kind: "budget", guard: "budget", signature: "usd $2", steps: [] });
    const { state } = watch([...work.slice(0, 2), budget, ...work.slice(2)]);
    expect(state.lastProgress.sequence).toBe(work.at(-1)?.sequence);
  });

  test("of a run that it stopped leads to no kill from here", () => {
    const stopped = noticeOf(steps.slice(0, 5), { intervention: "kill" });
    const { findings, commands } = watch([...steps.slice(0, 5), stopped, ...steps.slice(5, 6)], {
      goal,
      policy: loopOnly,
    });
    expect(findings.at(-1)?.intervention).toBe("kill");
    expect(commands.filter(({ verb }) => verb === "kill")).toEqual([]);
  });
});
