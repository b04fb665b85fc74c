import type { Finding } from "@plumbline/contracts";
import { beforeAll, describe, expect, test } from "vitest";
import {
  createMonitor,
  createPolicy,
  evaluateRun,
  type LoopVerdict,
  parseLoopVerdict,
  parseRunRecord,
  type RunRecord,
} from "@plumbline/detection";
import { type Transformation, transformations } from "./metamorphic/transformations.ts";
import { canonicalShapes, hasRecordedRuns, recordedLines, recordedSources } from "./support/recorded-runs.ts";

const isPresent = hasRecordedRuns("detection was not tried on changed ones");
const sources = recordedSources.filter((source) => source !== "agentrx-tau");

/**
 * Loops that are no longer held and shapes that are no longer held in the window of twenty calls. Three repeats with
 * as few log entries between them can't be told from a check after each of three edits, and three answers of a few words
 * each that share none of them can't be told from three answers.
 */
const lost: Readonly<Record<string, { runs: number; shapes?: number }>> = {
  "each result in words of its own": { runs: 1 },
  "each result in other words of its own": { runs: 3 },
  "each result in unseen words of its own": { runs: 6 },
  "each result in other unseen words of its own": { runs: 3 },
  "each result paraphrased": { runs: 7 },
  "each result paraphrased otherwise": { runs: 3 },
  "a logger after every call": { runs: 1 },
  "a logger that counts its entries": { runs: 1 },
  "a logger after every third call": { runs: 2 },
  "two logger calls after every call": { runs: 2 },
  "another agent works after every call": { runs: 0, shapes: 1 },
};

const loopKinds: ReadonlySet<string> = new Set(["exact-loop", "semantic-loop", "no-progress", "retry-storm"]);
const monitor = createMonitor(createPolicy({ profile: "enforce" }));

const isHold = ({ kind, intervention }: Pick<Finding, "kind" | "intervention">): boolean =>
  loopKinds.has(kind) && (intervention === "pause" || intervention === "kill");

/** How far the loop detectors went: a run that is held is read no further. */
function heldAs(record: RunRecord): "nothing" | "nudge" | "pause" {
  const actions = evaluateRun(monitor, record, isHold)
    .findings.filter(({ kind }) => loopKinds.has(kind))
    .map(({ action }) => action);
  if (actions.some((action) => action === "pause" || action === "kill")) return "pause";
  return actions.includes("nudge") ? "nudge" : "nothing";
}

async function clearRuns(verdicts: ReadonlyMap<string, LoopVerdict>): Promise<RunRecord[]> {
  const files = await Promise.all(sources.map((source) => recordedLines(source)));
  const isClear = (line: string): boolean => verdicts.has(/"run_id": ?"([^"]+)"/.exec(line)?.[1] ?? "");
  return files.flat().filter(isClear).map(parseRunRecord);
}

interface Held {
  record: RunRecord;
  isLoop: boolean;
  was: string;
}

describe.skipIf(!isPresent)("what a run is does not depend on how it looks", () => {
  let runs: Held[] = [];
  let shapes: { record: RunRecord; isLoop: boolean }[] = [];

  beforeAll(async () => {
    const verdicts = (await recordedLines("loops_review")).map(parseLoopVerdict);
    const clear = verdicts.filter(({ confidence }) => confidence === "clear");
    const byRun = new Map(clear.map((verdict) => [verdict.run_id, verdict]));
    runs = (await clearRuns(byRun)).map((record) => ({
      record,
      isLoop: byRun.get(record.run_id)?.verdict === "true_loop",
      was: heldAs(record),
    }));
    shapes = (await canonicalShapes()).map((record) => ({
      record,
      isLoop: record.labels[0]?.kind === "true_loop",
    }));
  }, 60_000);

  test.each(Object.entries(transformations))("%s", { timeout: 60_000 }, (name, transform: Transformation) => {
    const now = runs.map(({ record, isLoop, was }) => ({
      run: record.run_id,
      isLoop,
      was,
      is: heldAs(transform(record)),
    }));
    const falseAlarms = now.filter(({ isLoop, is }) => !isLoop && is === "pause").map(({ run }) => run);
    expect(falseAlarms).toEqual([]);
    const noLonger = now.filter(({ was, is }) => was === "pause" && is !== "pause").map(({ run }) => run);
    expect([noLonger, noLonger.length <= (lost[name]?.runs ?? 0)]).toEqual([noLonger, true]);

    const wrong = shapes.filter(({ record, isLoop }) =>
      isLoop ? heldAs(transform(record)) !== "pause" : heldAs(transform(record)) !== "nothing",
    );
    expect(wrong.filter(({ isLoop }) => !isLoop).map(({ record }) => record.run_id)).toEqual([]);
    const notHeld = wrong.map(({ record }) => record.run_id);
    expect([notHeld, notHeld.length <= (lost[name]?.shapes ?? 0)]).toEqual([notHeld, true]);
  });
});
