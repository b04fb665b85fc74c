import fc from "fast-check";
import { expect, test } from "vitest";
import type { Assignment, Bus, Commit, Consumption, ReceivedRecord } from "../bus.ts";
import { createMemoryBus } from "../memory-bus/memory-bus.ts";

type Action =
  | { do: "publish"; partition: number; count: number }
  | { do: "join" }
  | { do: "leave"; member: number }
  | { do: "commit"; partition: number; offset: number }
  | { do: "refuse"; partition: number };

const partition = fc.integer({ min: 0, max: 2 });
const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ do: fc.constant("publish" as const), partition, count: fc.integer({ min: 1, max: 7 }) }),
  fc.record({ do: fc.constant("join" as const) }),
  fc.record({ do: fc.constant("leave" as const), member: fc.nat(5) }),
  fc.record({ do: fc.constant("commit" as const), partition, offset: fc.nat(20) }),
  fc.record({ do: fc.constant("refuse" as const), partition }),
);

interface Tenure {
  assignment: Assignment;
  records: ReceivedRecord[];
  committedAtOpen: Commit | undefined;
}

/** Plays actions on a bus and remembers what a group should know. */
class Play {
  readonly bus: Bus = createMemoryBus({ redelivery: { firstMs: 1, longestMs: 2 } });
  readonly tenures: Tenure[] = [];
  readonly members: Consumption[] = [];
  readonly published = [0, 0, 0];
  readonly commits = new Map<number, Commit>();
  readonly refusals = new Set<number>();
  overlaps = 0;

  async run(actions: readonly Action[]): Promise<void> {
    await this.bus.createTopics([{ name: "t", partitions: 3, cleanup: "delete", retentionMs: null }]);
    for (const step of actions) {
      await this.#act(step);
      for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  live(number: number): Tenure[] {
    return this.tenures.filter(
      ({ assignment }) => assignment.partition === number && !assignment.signal.aborted,
    );
  }

  async #act(step: Action): Promise<void> {
    switch (step.do) {
      case "publish": {
        const records = Array.from({ length: step.count }, () => ({
          key: "k",
          value: new Uint8Array(1),
          partition: step.partition,
        }));
        await this.bus.publish("t", records);
        this.published[step.partition] = (this.published[step.partition] ?? 0) + step.count;
        return;
      }
      case "join":
        this.members.push(await this.#join());
        return;
      case "leave":
        await this.members.splice(step.member, 1)[0]?.close();
        return;
      case "commit":
        await this.#commit(step.partition, step.offset);
        return;
      case "refuse":
        this.refusals.add(step.partition);
    }
  }

  async #commit(number: number, offset: number): Promise<void> {
    const [tenure] = this.live(number);
    if (tenure === undefined) return;
    const commit = {
      offset: Math.min(offset, this.published[number] ?? 0),
      metadata: `note ${String(offset)}`,
    };
    await tenure.assignment.commit("t", commit);
    this.commits.set(number, commit);
  }

  async #join(): Promise<Consumption> {
    return this.bus.consume({
      group: "g",
      topics: ["t"],
      maxBatchRecords: 3,
      open: async (assignment) => {
        if (this.live(assignment.partition).length > 0) this.overlaps += 1;
        const tenure: Tenure = {
          assignment,
          records: [],
          committedAtOpen: this.commits.get(assignment.partition),
        };
        this.tenures.push(tenure);
        const onBatch = async ({ records }: { records: readonly ReceivedRecord[] }): Promise<void> => {
          if (this.refusals.delete(assignment.partition)) throw new Error("refused once");
          tenure.records.push(...records);
          return Promise.resolve();
        };
        return Promise.resolve({ onBatch, close: async () => Promise.resolve() });
      },
    });
  }
}

async function played(actions: readonly Action[]): Promise<Play> {
  const play = new Play();
  await play.run(actions);
  return play;
}

test("whatever joins, leaves, commits and fails: one owner at a time, who starts where was committed and skips nothing", async () => {
  expect.hasAssertions();
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 25 }), async (actions) => {
      const play = await played(actions);
      expect(play.overlaps).toBe(0);
      for (const { assignment, records, committedAtOpen } of play.tenures) {
        expect(assignment.committed.get("t")).toEqual(committedAtOpen);
        const first = committedAtOpen?.offset ?? 0;
        expect(records.map((record) => record.offset)).toEqual(records.map((_, index) => first + index));
      }
      await play.bus.close();
    }),
    { numRuns: 100 },
  );
});

test("whoever owns a partition in the end gets all of it", async () => {
  expect.hasAssertions();
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 25 }), async (actions) => {
      const play = await played([...actions, { do: "join" }]);
      for (const number of [0, 1, 2]) {
        await expect.poll(() => play.live(number).length).toBe(1);
        const [owner] = play.live(number);
        const expected = (play.published[number] ?? 0) - (owner?.committedAtOpen?.offset ?? 0);
        await expect.poll(() => owner?.records.length, { interval: 1 }).toBe(expected);
      }
      await play.bus.close();
    }),
    { numRuns: 60 },
  );
});
