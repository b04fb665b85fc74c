import { describe, expect, test } from "vitest";
import { times } from "../fixtures/scenarios.ts";
import type { RunEvaluation } from "./evaluate-run.ts";
import type { RunRecord } from "./run-record.ts";
import { driftVerdictOf, scoreDrift } from "./score-drift.ts";
import { spliceRuns } from "./splice-runs.ts";

const recordOf = (source: string, number: number): RunRecord => ({
  source,
  run_id: `${source}/${String(number)}`,
  group: `${source}:${String(number)}`,
  model: null,
  task: `Task ${String(number)} of ${source}, told in a sentence`,
  outcome: "success",
  labels: [],
  steps: times(20, (i) => ({
    i,
    role: i % 5 === 0 ? "user" : "llm",
    agent: null,
    name: null,
    args: null,
    text: `${source} ${String(number)} ${String(i)}`,
    error: null,
  })),
});
const records = ["shop", "lab"].flatMap((source) => times(3, (number) => recordOf(source, number)));
const spliced = spliceRuns(records, { every: 1 });

const evaluationOf = (action: RunEvaluation["verdict"], at: number): RunEvaluation => ({
  run_id: "",
  steps: 0,
  verdict: action,
  stopped_at_step: null,
  findings: [{ kind: "goal-drift", first_step: at, at_step: at, confidence: 1, action }],
});

describe("spliced runs", () => {
  test("hold the first part of one run and the steps of another, from its own source or not", () => {
    expect(spliced.length).toBe(18);
    for (const { kind, source, record, splicedAt } of spliced.filter((one) => one.splicedAt !== null)) {
      const texts = record.steps.map((step) => step.text ?? "");
      expect(
        texts
          .slice(0, splicedAt ?? 0)
          .every((text) => text.startsWith(record.run_id.replace("/", " ").split("#")[0] ?? "")),
      ).toBe(true);
      const foreign = texts.slice(splicedAt ?? 0);
      expect(foreign.every((text) => text.startsWith(source) === (kind === "near"))).toBe(true);
      expect(record.steps.map((step) => step.i)).toEqual(texts.map((_, index) => index));
      expect(record.steps.slice(splicedAt ?? 0).some((step) => step.role === "user")).toBe(false);
    }
  });

  test("come out the same every time, and runs that are too short or without a task give none", () => {
    expect(spliceRuns(records, { every: 1 })).toEqual(spliced);
    const short = records.map((record) => ({ ...record, steps: record.steps.slice(0, 15) }));
    expect(spliceRuns(short, { every: 1 })).toEqual([]);
    expect(
      spliceRuns(
        records.map((record) => ({ ...record, task: null })),
        { every: 1 },
      ),
    ).toEqual([]);
  });
});

describe("the drift score", () => {
  const far = spliced.find((one) => one.kind === "far");
  const control = spliced.find((one) => one.kind === "control");
  if (far === undefined || control === undefined) throw new Error("no splices");
  const at = far.splicedAt ?? 0;

  test("counts what is said at nudge or above within ten steps of the splice", () => {
    const after = (action: RunEvaluation["verdict"], step: number): number | null =>
      driftVerdictOf(far, evaluationOf(action, step)).noticedAfter;
    expect([
      after("nudge", at + 10),
      after("nudge", at + 11),
      after("nudge", at - 1),
      after("observe", at + 3),
    ]).toEqual([10, null, null, null]);
  });

  test("counts a control as flagged wherever something is said", () => {
    const verdicts = [
      driftVerdictOf(control, evaluationOf("nudge", 1)),
      driftVerdictOf(far, evaluationOf("nudge", at + 2)),
    ];
    const { overall, falseAlarms, meanFar } = scoreDrift(verdicts);
    expect([overall.controls.hits, overall.far.hits, meanFar, falseAlarms]).toEqual([
      1,
      1,
      1,
      [control.record.run_id],
    ]);
  });
});
