import { isModel, type RunAssembly, startMsOf, type StepRecord } from "./assembly-state.ts";

/** How much of a run stays open to revision. */
export interface WindowLimits {
  /** Records kept before the older half is settled. */
  maxRecords: number;
  /** Characters of their texts. */
  maxChars: number;
}

export const defaultWindow: WindowLimits = { maxRecords: 48, maxChars: 48_000 };

const maxSettled = 256;
const alwaysKept = 4;

function sizeOfValue(value: unknown): number {
  if (typeof value === "string") return value.length;
  if (typeof value !== "object" || value === null) return 4;
  let total = 2;
  for (const inner of Object.values(value)) total += sizeOfValue(inner);
  return total;
}

const isOpen = (record: StepRecord): boolean => record.event === null && record.span === null;

function excess(entries: readonly [string, StepRecord][], limits: WindowLimits): number {
  const sizes = entries.map(([, record]) => sizeOfValue(record));
  let total = sizes.reduce((sum, size) => sum + size, 0);
  if (entries.length <= limits.maxRecords && total <= limits.maxChars) return 0;
  let drop = 0;
  while (
    drop < entries.length - alwaysKept &&
    (entries.length - drop > limits.maxRecords / 2 || total > limits.maxChars / 2)
  ) {
    total -= sizes[drop] ?? 0;
    drop += 1;
  }
  return drop;
}

/** The window must begin with a model call: its prompt reports on calls of the ones before, which go with them. */
function boundary(entries: readonly [string, StepRecord][], drop: number): number {
  const next = entries.findIndex(([, record], index) => index >= drop && isModel(record));
  return next < 0 ? drop : next;
}

/** Settles the oldest records once there are too many; running ones stay. */
export function settle(state: RunAssembly, limits: WindowLimits): RunAssembly {
  const keys = Object.keys(state.records);
  // Sizes are worth a look only now and then.
  if (keys.length <= limits.maxRecords && keys.length % 4 !== 0) return state;
  const entries = Object.entries(state.records).toSorted(
    ([, first], [, second]) => startMsOf(first) - startMsOf(second),
  );
  const drop = excess(entries, limits);
  if (drop === 0) return state;
  const gone = entries
    .slice(0, boundary(entries, drop))
    .filter(([, record]) => !isOpen(record) || entries.length > limits.maxRecords * 2);
  const goneKeys = new Set(gone.map(([key]) => key));
  if (goneKeys.size === 0) return state;
  const records = Object.fromEntries(Object.entries(state.records).filter(([key]) => !goneKeys.has(key)));
  return withoutSteps({ ...state, records }, goneKeys);
}

/** Synthetic steps go with the record that asked for them: their ids begin with its key. */
function withoutSteps(state: RunAssembly, goneKeys: ReadonlySet<string>): RunAssembly {
  const isGone = (stepId: string): boolean => goneKeys.has(stepId.split(".", 2).join("."));
  const emitted = Object.entries(state.emitted);
  const settledSteps = emitted.filter(([stepId]) => isGone(stepId)).map(([stepId]) => stepId);
  return {
    ...state,
    emitted: Object.fromEntries(emitted.filter(([stepId]) => !isGone(stepId))),
    settled: [...state.settled, ...new Set([...goneKeys, ...settledSteps])].slice(-maxSettled),
  };
}
