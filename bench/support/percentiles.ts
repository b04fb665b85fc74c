/** What a list of figures amounts to. */
export interface Summary {
  count: number;
  min: number;
  median: number;
  p99: number;
  max: number;
}

/** The value below which the given share of the sorted values lies (nearest rank). */
export function percentile(sorted: readonly number[], share: number): number {
  const rank = Math.ceil(sorted.length * share) - 1;
  return sorted[Math.max(0, Math.min(sorted.length - 1, rank))] ?? Number.NaN;
}

export function summarise(values: readonly number[]): Summary {
  const sorted = values.toSorted((first, second) => first - second);
  return {
    count: sorted.length,
    min: percentile(sorted, 0),
    median: percentile(sorted, 0.5),
    p99: percentile(sorted, 0.99),
    max: percentile(sorted, 1),
  };
}
