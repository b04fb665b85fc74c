import { describe, expect, test } from "vitest";
import {
  createMonitor,
  createPolicy,
  driftVerdictOf,
  evaluateRun,
  outcomesOfRecord,
  parseLoopVerdict,
  type RunRecord,
  scoredRunOf,
  scoreDrift,
  type ScoredRun,
  spliceRuns,
  summariseEvaluation,
} from "@plumbline/detection";
import {
  canonicalShapes,
  hasRecordedRuns,
  linesOf,
  recordedLines,
  recordedRuns,
  recordedSources,
  sharedFolder,
} from "./support/recorded-runs.ts";

const isPresent = hasRecordedRuns("detection was not measured on them");
const monitor = createMonitor(createPolicy({ profile: "enforce" }));

/** The hand-read outcomes that are clear, by run and step. */
async function outcomeLabels(): Promise<Map<string, string>> {
  const files = ["dev", "dev_extra"].map((name) => linesOf(`${sharedFolder}data/results/${name}.jsonl`));
  const labelled = (await Promise.all(files))
    .flat()
    .map((line) => JSON.parse(line) as { run_id: string; i: number; label: string });
  const clear = labelled.filter(({ label }) => label !== "partial" && label !== "unclear");
  return new Map(clear.map(({ run_id: run, i, label }) => [`${run} ${String(i)}`, label]));
}

interface JudgedOutcome {
  isFailed: boolean;
  isFlagged: boolean;
}

function judgedOutcomes(record: RunRecord, labels: ReadonlyMap<string, string>): JudgedOutcome[] {
  return outcomesOfRecord(record).flatMap(({ i, outcome }) => {
    const label = labels.get(`${record.run_id} ${String(i)}`);
    return label === undefined
      ? []
      : [{ isFailed: label === "failed", isFlagged: outcome === "hidden-error" }];
  });
}

/** The runs with a verdict, and every fourth of the others that ended as a success. */
async function sampledRuns(judged: ReadonlySet<string>): Promise<ScoredRun[]> {
  const runs: ScoredRun[] = [];
  let successes = 0;
  for (const source of recordedSources) {
    for (const record of await recordedRuns(source)) {
      successes += record.outcome === "success" ? 1 : 0;
      const isSampled = record.outcome === "success" && successes % 4 === 0;
      if (isSampled || judged.has(record.run_id))
        runs.push(scoredRunOf(record, evaluateRun(monitor, record)));
    }
  }
  return runs;
}

/** Runs of this origin carry the task of another conversation: what the data says of itself. */
const statesAnotherTask = ({ run_id: id }: RunRecord): boolean => id.includes("toolorchestra");

describe.skipIf(!isPresent)("detection on recorded runs", () => {
  test("canonical loops are held in time and canonical work is left alone", async () => {
    for (const record of await canonicalShapes()) {
      const evaluation = evaluateRun(monitor, record);
      const isLoop = record.labels[0]?.kind === "true_loop";
      const { stopped_at_step: stopped } = evaluation;
      const calls = record.steps.filter((step) => step.role === "tool" && step.i <= (stopped ?? -1)).length;
      const bar = record.run_id.endsWith("L5") ? 15 : 9;
      if (isLoop) expect([record.run_id, calls > 0 && calls <= bar]).toEqual([record.run_id, true]);
      else expect([record.run_id, evaluation.verdict]).toEqual([record.run_id, "observe"]);
    }
  });

  test(
    "clear loops are held, others are not, and few successes are stopped",
    { timeout: 120_000 },
    async () => {
      const verdicts = (await recordedLines("loops_review")).map(parseLoopVerdict);
      const runs = await sampledRuns(new Set(verdicts.map((verdict) => verdict.run_id)));
      const { overall } = summariseEvaluation(runs, verdicts);
      expect(overall.recall.value).toBeGreaterThanOrEqual(0.95);
      expect(overall.precision.value).toBeGreaterThanOrEqual(0.97);
      expect(overall.medianDelayCalls).toBeLessThanOrEqual(6);
      expect(overall.successesHeld.value).toBeLessThanOrEqual(0.01);
    },
  );

  test("results that say they failed are told from those that work", { timeout: 120_000 }, async () => {
    const labels = await outcomeLabels();
    const judged: JudgedOutcome[] = [];
    for (const source of recordedSources) {
      for (const record of await recordedRuns(source)) judged.push(...judgedOutcomes(record, labels));
    }
    const hits = judged.filter(({ isFailed, isFlagged }) => isFailed && isFlagged).length;
    expect(hits / judged.filter(({ isFlagged }) => isFlagged).length).toBeGreaterThanOrEqual(0.95);
    expect(hits / judged.filter(({ isFailed }) => isFailed).length).toBeGreaterThanOrEqual(0.85);
  });

  test(
    "a run that turns to another task is noticed, one that does not is left alone",
    { timeout: 120_000 },
    async () => {
      const records: RunRecord[] = [];
      for (const source of ["who-when", "tau-bench", "tau2-bench", "agentrx-tau", "codetracer-tb"] as const)
        for (const record of await recordedRuns(source)) if (!statesAnotherTask(record)) records.push(record);
      const verdicts = spliceRuns(records, { every: 4 }).map((spliced) =>
        driftVerdictOf(spliced, evaluateRun(monitor, spliced.record)),
      );
      const { overall, meanFar, meanNear } = scoreDrift(verdicts);
      expect(meanFar).toBeGreaterThanOrEqual(0.9);
      expect(meanNear).toBeGreaterThanOrEqual(0.6);
      expect(overall.controls.value).toBeLessThanOrEqual(0.01);
    },
  );
});
