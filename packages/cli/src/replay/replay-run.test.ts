import { asIfGated } from "@plumbline/analyzer";
import type { RunDetail, Step } from "@plumbline/contracts";
import { toolStep } from "@plumbline/contracts/testing";
import { createMonitor, createPolicy } from "@plumbline/detection";
import { describe, expect, it } from "vitest";
import { formatReplay } from "./format-replay.ts";
import { replayRun } from "./replay-run.ts";

const run = {
  tenantId: "",
  runId: "run-1",
  agentName: "finder",
  goal: "Find the last order of Ada",
  limits: {},
  startedAtMs: 0,
} as unknown as RunDetail["run"];

const call = (sequence: number, args: object, result: string): Step =>
  toolStep(sequence, { name: "find_orders", arguments: args, result }, { runId: "run-1" });
const looping = Array.from({ length: 8 }, (_, index) => call(index + 1, { q: "ada" }, '{"rows":[]}'));
const monitorOf = (profile: "enforce" | "observe") => asIfGated(createMonitor(createPolicy({ profile })));

describe("a replay", () => {
  it("shows step by step what the policy would have done to a stored run", () => {
    const replayed = replayRun({ run, steps: looping.toReversed() }, monitorOf("enforce"), "enforce");
    expect(replayed.steps.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(replayed.heldAtStep).toBeGreaterThan(2);
    const held = replayed.steps.find(({ sequence }) => sequence === replayed.heldAtStep);
    expect(held?.actions.map(({ verb }) => verb)).toContain("pause");
    expect(replayed.steps.flatMap(({ findings }) => findings).map(({ kind }) => kind)).toContain(
      "exact-loop",
    );
    const page = formatReplay(replayed);
    expect(page).toContain(`would have been held at step ${String(replayed.heldAtStep)} of 8`);
    expect(page).toContain("exact-loop");
  });

  it("says under another policy what that one would have done, of the same steps", () => {
    const replayed = replayRun({ run, steps: looping }, monitorOf("observe"), "observe");
    expect(replayed.heldAtStep).toBeNull();
    expect(replayed.steps.flatMap(({ findings }) => findings)).not.toEqual([]);
    expect(formatReplay(replayed)).toContain("would not have been held");
  });

  it("says so when nothing is stored", () => {
    expect(formatReplay(replayRun({ run, steps: [] }, monitorOf("enforce"), "enforce"))).toContain(
      "No steps are stored.",
    );
  });
});
