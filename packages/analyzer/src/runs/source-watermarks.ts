import type { SourceCoordinates } from "@plumbline/contracts";

/** Plain JSON, for the snapshot. */
export type WatermarkState = Record<string, { floor: number; seen: Record<string, number> }>;

/**
 * Tells observations that were published twice. Ingest publishes at least once, and says with each record below which
 * offset of its source everything has been published; so only what stands at or above that floor must be remembered.
 */
export interface SourceWatermarks {
  /** True the first time; false for a repetition, by a replay or by an owner that did not know it was replaced. */
  isNew(observationId: string, source: SourceCoordinates): boolean;
  /** Raises the floor of a source partition; it never falls. */
  raise(source: SourceCoordinates, completeBelow: number): void;
  snapshot(): WatermarkState;
}

export function createSourceWatermarks(state: WatermarkState = {}): SourceWatermarks {
  const sources = new Map(
    Object.entries(state).map(([key, { floor, seen }]) => [
      key,
      { floor, seen: new Map(Object.entries(seen)) },
    ]),
  );

  function sourceOf({ topic, partition }: SourceCoordinates): { floor: number; seen: Map<string, number> } {
    const key = `${topic}:${String(partition)}`;
    let source = sources.get(key);
    if (source === undefined) {
      source = { floor: 0, seen: new Map() };
      sources.set(key, source);
    }
    return source;
  }

  return {
    isNew(observationId, coordinates) {
      const source = sourceOf(coordinates);
      if (coordinates.offset < source.floor || source.seen.has(observationId)) return false;
      source.seen.set(observationId, coordinates.offset);
      return true;
    },
    raise(coordinates, completeBelow) {
      const source = sourceOf(coordinates);
      if (completeBelow <= source.floor) return;
      source.floor = completeBelow;
      for (const [id, offset] of source.seen) if (offset < completeBelow) source.seen.delete(id);
    },
    snapshot() {
      const entries = [...sources].map(([key, { floor, seen }]) => [
        key,
        { floor, seen: Object.fromEntries(seen) },
      ]);
      return Object.fromEntries(entries) as WatermarkState;
    },
  };
}
