import type { Assignment, Commit } from "@plumbline/bus";
import { RetryableError, systemClock, type Score } from "@plumbline/contracts";
import type { Store } from "@plumbline/store";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRangeWriter } from "./range-writer.ts";
import { StoreTurns } from "./store-turns.ts";

const topic = "plumbline.observations";

const score = (sequence: number): Score => ({
  version: 1,
  tenantId: "",
  runId: "run-1",
  stepId: `step-${String(sequence)}`,
  sequence,
  name: "progress",
  value: 0.5,
  atMs: 1,
  revision: 0,
});

/** A database that drops a second insert with the same token, and a group that remembers its commit. */
function createWorld() {
  const tokens = new Set<string>();
  const rows: number[] = [];
  let committed: Commit | undefined;
  let failures = 0;

  function open(turns?: StoreTurns) {
    const ownership = new AbortController();
    const assignment: Assignment = {
      partition: 3,
      committed: committed === undefined ? new Map() : new Map([[topic, committed]]),
      commit(_topic, commit) {
        if (ownership.signal.aborted) return Promise.reject(new RetryableError("Lost.", { code: "LOST" }));
        committed = commit;
        return Promise.resolve();
      },
      signal: ownership.signal,
      wake: () => undefined,
    };
    const insert = (_table: string, items: readonly Score[], token: string) => {
      if (ownership.signal.aborted) return Promise.reject(new RetryableError("Dead.", { code: "DEAD" }));
      if (failures > 0) {
        failures -= 1;
        return Promise.reject(new RetryableError("Down.", { code: "DOWN" }));
      }
      if (!tokens.has(token)) rows.push(...items.map((item) => item.sequence));
      tokens.add(token);
      return Promise.resolve({ inserted: items.length, rejected: [] });
    };
    const writer = createRangeWriter({
      group: "g",
      assignment,
      store: { insert } as unknown as Store,
      clock: {
        ...systemClock,
        sleep: (_durationMs, signal) =>
          signal?.aborted === true ? Promise.reject(signal.reason as Error) : Promise.resolve(),
      },
      metrics: { rowsRejected: () => undefined, storeRetried: () => undefined },
      maxRangeItems: 3,
      ...(turns === undefined ? {} : { turns }),
    });
    return { writer, die: () => ownership.abort(new Error("killed")) };
  }

  return {
    open,
    rows,
    fail: (count: number) => {
      failures = count;
    },
    committed: () => committed,
    insertCount: () => tokens.size,
  };
}

describe("the range writer", () => {
  it("commits a record only after its rows are stored", async () => {
    const world = createWorld();
    world.fail(3);
    const { writer } = world.open();
    await writer.add(topic, 0, { scores: [score(0)] });
    await writer.storedBelow(topic, 1);
    expect(world.rows).toEqual([0]);
    await writer.close();
    expect(world.committed()).toEqual({ offset: 1, metadata: "" });
  });

  it("takes the first record of a group that never committed, also after somebody waited for it", async () => {
    const world = createWorld();
    const { writer } = world.open();
    const stored = writer.storedBelow(topic, 1);
    await writer.add(topic, 0, { scores: [score(0)] });
    expect(await stored).toBe(true);
    await writer.close();
    expect(world.rows).toEqual([0]);
  });

  it("says that a record is not stored when it ends before", async () => {
    const { writer } = createWorld().open();
    const waiting = writer.storedBelow(topic, 1);
    await writer.close();
    expect(await waiting).toBe(false);
    expect(await writer.storedBelow(topic, 1)).toBe(false);
  });

  it("forms a planned range again, whole and under the same token", async () => {
    const world = createWorld();
    const first = world.open();
    await first.writer.add(topic, 0, { scores: [score(0)] });
    await first.writer.add(topic, 1, { scores: [score(1)] });
    await first.writer.storedBelow(topic, 2);
    first.die();
    const second = world.open();
    await second.writer.add(topic, 2, { scores: [score(2)] });
    await second.writer.close();
    expect(world.rows).toEqual([0, 1, 2]);
  });

  it("puts what comes while another writer has its turn into one range", async () => {
    const world = createWorld();
    const turns = new StoreTurns();
    const { writer } = world.open(turns);
    const other = Promise.withResolvers<undefined>();
    void turns.take(() => other.promise);
    for (let offset = 0; offset < 3; offset += 1)
      await writer.add(topic, offset, { scores: [score(offset)] });
    await new Promise((resolve) => setImmediate(resolve));
    expect(world.insertCount()).toBe(0);
    other.resolve(undefined);
    await writer.close();
    expect(world.rows).toEqual([0, 1, 2]);
    expect(world.insertCount()).toBe(1);
  });

  it("goes on when a writer before it failed", async () => {
    const world = createWorld();
    const turns = new StoreTurns();
    const failed = turns.take(() => Promise.reject(new Error("lost")));
    const { writer } = world.open(turns);
    await writer.add(topic, 0, { scores: [score(0)] });
    await expect(failed).rejects.toThrow("lost");
    await writer.close();
    expect(world.rows).toEqual([0]);
  });

  it("stores every row once, whenever its process dies and however often the database fails", async () => {
    const life = fc.record({
      records: fc.integer({ min: 1, max: 9 }),
      failures: fc.nat(2),
      ticks: fc.nat(12),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(life, { minLength: 1, maxLength: 6 }), async (lives) => {
        const world = createWorld();
        const last = 20;
        for (const { records, failures, ticks } of lives) {
          world.fail(failures);
          const { writer, die } = world.open();
          const from = world.committed()?.offset ?? 0;
          for (let offset = from; offset < Math.min(last, from + records); offset += 1) {
            void writer.add(topic, offset, { scores: [score(offset)] });
          }
          for (let tick = 0; tick < ticks; tick += 1) await Promise.resolve();
          die();
          await new Promise((resolve) => setImmediate(resolve));
        }
        const { writer } = world.open();
        for (let offset = world.committed()?.offset ?? 0; offset < last; offset += 1) {
          await writer.add(topic, offset, { scores: [score(offset)] });
        }
        await writer.close();
        expect(world.rows.sort((a, b) => a - b)).toEqual(
          Array.from({ length: last }, (_unused, offset) => offset),
        );
      }),
      { numRuns: 60 },
    );
  });
});
