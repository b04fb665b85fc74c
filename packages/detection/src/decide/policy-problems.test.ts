import { describe, expect, test } from "vitest";
import { createPolicy, ruleFor } from "./policy.ts";
import { policyProblems } from "./policy-problems.ts";
import { type Event, stepsOf, times, watch } from "../fixtures/scenarios.ts";

const problemsOf = (input: unknown): string[] => policyProblems(createPolicy(input));

describe("a policy in which every limit bites", () => {
  test("has no problems, nor has none at all", () => {
    expect(problemsOf({})).toEqual([]);
    expect(
      problemsOf({
        profile: "guard",
        detectors: {
          "exact-loop": { upTo: "kill", thresholds: { streak: 5, waitingStreak: 20 } },
          "semantic-loop": { enforce: true, upTo: "pause", thresholds: { calls: 6 } },
          "goal-drift": { enabled: false },
        },
        agents: { "nightly-import": { profile: "observe", detectors: { "retry-storm": { upTo: "nudge" } } } },
        killAfterIgnoredPauseMs: 60_000,
        nudgeTexts: { "retry-storm": "Use the backup queue." },
      }),
    ).toEqual([]);
  });
});

describe("what can't bite is told by name", () => {
  test.each([
    [
      "an unknown threshold",
      { detectors: { "exact-loop": { thresholds: { streaks: 5 } } } },
      /detectors\.exact-loop\.thresholds\.streaks: .*no such threshold; it has streak/,
    ],
    [
      "more calls than are remembered",
      { detectors: { "retry-storm": { thresholds: { anyFailures: 40 } } } },
      /anyFailures: 40 is never reached/,
    ],
    [
      "a count that does not fit",
      { detectors: { "exact-loop": { thresholds: { within: 3 } } } },
      /scatteredContent: 4 never fit into within 3/,
    ],
    [
      "a ladder beyond what is asked",
      { detectors: { "hidden-failure": { upTo: "pause" } } },
      /hidden-failure never goes further than nudge/,
    ],
    [
      "a kill without its grace",
      { detectors: { "exact-loop": { upTo: "kill" } } },
      /killAfterIgnoredPauseMs is not set/,
    ],
    ["a grace without a kill", { killAfterIgnoredPauseMs: 1000 }, /no detector's upTo is kill/],
    [
      "settings of what is off",
      { detectors: { stall: { enabled: false, enforce: true } } },
      /detectors\.stall\.enforce: the detector is switched off/,
    ],
    [
      "the same for one agent",
      { agents: { bot: { detectors: { stall: { enabled: false, upTo: "nudge" } } } } },
      /agents\.bot\.detectors\.stall\.upTo/,
    ],
    [
      "a text that is never said",
      { nudgeTexts: { "context-growth": "Summarise." } },
      /nudgeTexts\.context-growth/,
    ],
  ])("%s", (_what, input, told) => {
    const problems = problemsOf(input);
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.join("\n")).toMatch(told);
  });

  test("an unknown detector or profile is refused outright", () => {
    expect(() => createPolicy({ detectors: { "endless-loop": {} } })).toThrow(/endless-loop/);
    expect(() => createPolicy({ profile: "strict" })).toThrow(/profile/);
  });
});

describe("who decides", () => {
  const loop = stepsOf(times(6, (): Event => ({ tool: "search", args: { q: "x" }, result: [] })));

  test("an agent's own profile and detectors outrank the general ones, setting by setting", () => {
    const policy = createPolicy({
      profile: "enforce",
      detectors: { "exact-loop": { upTo: "nudge", thresholds: { streak: 4, within: 12 } } },
      agents: { bot: { profile: "observe", detectors: { "exact-loop": { thresholds: { streak: 6 } } } } },
    });
    expect(ruleFor(policy, "bot", "exact-loop")).toMatchObject({
      enforce: false,
      upTo: "nudge",
      thresholds: { streak: 6, within: 12 },
    });
    expect(ruleFor(policy, "other", "exact-loop")).toMatchObject({
      enforce: true,
      thresholds: { streak: 4 },
    });
  });

  test("a detector in shadow tells what it would have done and does nothing", () => {
    const only = { "semantic-loop": { enabled: false }, "no-progress": { enabled: false } };
    const { commands, findings } = watch(loop, {
      policy: { detectors: { ...only, "exact-loop": { enforce: false } } },
    });
    expect(commands).toEqual([]);
    expect(findings.at(0)).toMatchObject({ kind: "exact-loop", intervention: "pause", enforced: false });
  });

  test("a threshold of one agent holds for it alone", () => {
    const agents = { agent: { detectors: { "exact-loop": { thresholds: { streak: 5, scattered: 9 } } } } };
    const off = { "semantic-loop": { enabled: false }, "no-progress": { enabled: false } };
    expect(watch(loop, { policy: { agents, detectors: off } }).callsUntil("pause", "exact-loop")).toBe(5);
    expect(
      watch(loop, { policy: { agents: { other: agents.agent }, detectors: off } }).callsUntil(
        "pause",
        "exact-loop",
      ),
    ).toBe(3);
  });
});
