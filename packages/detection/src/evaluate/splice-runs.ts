import { createHash } from "node:crypto";
import type { RunRecord, RunRecordStep } from "./run-record.ts";

/**
 * - `control`: a run as it was recorded
 * - `near`: its first part, then the steps of a run with another task from the same source
 * - `far`: the same from another source
 */
export type SpliceKind = "control" | "near" | "far";

/** A run whose goal changes at a known step, or a control whose goal does not. */
export interface SplicedRun {
  kind: SpliceKind;
  source: string;
  record: RunRecord;
  /** Index of the first foreign step; null for a control. */
  splicedAt: number | null;
}

export interface SpliceOptions {
  /** One run in so many is taken, by hash of its id. */
  every: number;
}

const minimumSteps = 16;
const minimumTask = 20;
const minimumOwn = 7;
const tail = { from: 2, to: 22 } as const;

const hashOf = (text: string): number =>
  parseInt(createHash("sha1").update(text).digest("hex").slice(0, 8), 16);

const ownSteps = (record: RunRecord): RunRecordStep[] => record.steps.filter(({ role }) => role !== "user");

const isLongEnough = (record: RunRecord): boolean =>
  (record.task ?? "").length > minimumTask && ownSteps(record).length >= minimumSteps;

/** Where the own part ends: between 40 and 60 % of it, by hash of the run's id. */
function cutOf(record: RunRecord): number {
  const own = ownSteps(record);
  const share = 0.4 + (hashOf(`${record.run_id}cut`) % 20) / 100;
  return own[Math.max(minimumOwn, Math.floor(own.length * share))]?.i ?? 0;
}

function spliceOf(record: RunRecord, donor: RunRecord, kind: SpliceKind): SplicedRun {
  const cut = cutOf(record);
  const head = record.steps.filter(({ i }) => i < cut);
  const steps = [...head, ...ownSteps(donor).slice(tail.from, tail.to)].map((step, i) => ({ ...step, i }));
  const spliced = { ...record, run_id: `${record.run_id}#${kind}`, outcome: null, labels: [], steps };
  return { kind, source: record.source, record: spliced, splicedAt: head.length };
}

/**
 * Goal drift with known truth: each run with enough steps as a control, and at most two splices of it. What people say
 * in the foreign part is left out, so that the stated goal stays the first one. Partners are chosen by hash: the same
 * runs give the same splices.
 */
export function spliceRuns(records: readonly RunRecord[], { every }: SpliceOptions): SplicedRun[] {
  const eligible = records.filter(isLongEnough);
  return eligible
    .filter((record) => hashOf(record.run_id) % every === 0)
    .flatMap((record): SplicedRun[] => {
      const strangers = eligible.filter(({ group }) => group !== record.group);
      const splices = (["near", "far"] as const).flatMap((kind) => {
        const pool = strangers.filter(({ source }) => (kind === "near") === (source === record.source));
        const donor = pool[hashOf(`${record.run_id}${kind}`) % pool.length];
        return donor === undefined ? [] : [spliceOf(record, donor, kind)];
      });
      return [{ kind: "control", source: record.source, record, splicedAt: null }, ...splices];
    });
}
