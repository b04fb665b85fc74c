import { expect } from "vitest";
import type { BusCase } from "./harness.contract.ts";
import { Reader, eventually, record } from "./reader.contract.ts";

/** Commits, where reading starts, and who owns what. */
export function groupCases(busCase: BusCase): void {
  busCase("without a commit the same records come again", async ({ bus, topic, name }) => {
    const source = await topic();
    const group = name("group");
    await bus.publish(source, [record("k", "a"), record("k", "b")]);
    for (let round = 0; round < 2; round += 1) {
      const reader = await Reader.open(bus, { group, topics: [source] });
      await eventually(() => expect(reader.texts).toEqual(["a", "b"]));
      expect(reader.assignments[0]?.committed.size).toBe(0);
      await reader.close();
    }
  });

  busCase(
    "a commit with its note is given to the next owner, who goes on from there",
    async ({ bus, topic, name }) => {
      const source = await topic();
      const group = name("group");
      await bus.publish(source, [record("k", "a"), record("k", "b"), record("k", "c")]);
      const first = await Reader.open(bus, { group, topics: [source] });
      await eventually(() => expect(first.texts).toHaveLength(3));
      const metadata = JSON.stringify({ to: 3, note: "ü".repeat(1000) });
      await first.assignments[0]?.commit(source, { offset: 2, metadata });
      await first.close();
      const second = await Reader.open(bus, { group, topics: [source] });
      await eventually(() => expect(second.texts).toEqual(["c"]));
      expect(second.assignments[0]?.committed).toEqual(new Map([[source, { offset: 2, metadata }]]));
    },
  );

  busCase("a commit may go back", async ({ bus, topic, name }) => {
    const source = await topic();
    const group = name("group");
    await bus.publish(source, [record("k", "a"), record("k", "b")]);
    const first = await Reader.open(bus, { group, topics: [source] });
    await eventually(() => expect(first.texts).toHaveLength(2));
    await first.assignments[0]?.commit(source, { offset: 2, metadata: "" });
    await first.assignments[0]?.commit(source, { offset: 0, metadata: "again" });
    await first.close();
    const second = await Reader.open(bus, { group, topics: [source] });
    await eventually(() => expect(second.texts).toEqual(["a", "b"]));
  });

  busCase("startAt overrides the committed offset, forward and back", async ({ bus, topic, name }) => {
    const source = await topic();
    const group = name("group");
    await bus.publish(
      source,
      ["a", "b", "c", "d"].map((value) => record("k", value)),
    );
    const first = await Reader.open(bus, { group, topics: [source] });
    await eventually(() => expect(first.texts).toHaveLength(4));
    await first.assignments[0]?.commit(source, { offset: 2, metadata: "" });
    await first.close();
    for (const [startAt, expected] of [
      [1, ["b", "c", "d"]],
      [3, ["d"]],
      [0, ["a", "b", "c", "d"]],
    ] as const) {
      const reader = await Reader.open(bus, {
        group,
        topics: [source],
        startAt: new Map([[source, startAt]]),
      });
      await eventually(() => expect(reader.texts).toEqual(expected));
      await reader.close();
    }
  });

  busCase(
    "a note that is too long, an impossible offset and a topic that is not read are refused",
    async ({ bus, topic, name }) => {
      const source = await topic();
      const reader = await Reader.open(bus, { group: name("group"), topics: [source] });
      await eventually(() => expect(reader.owned).toEqual([0]));
      const [assignment] = reader.assignments;
      await expect(
        assignment?.commit(source, { offset: 0, metadata: "x".repeat(4097) }),
      ).rejects.toMatchObject({ nextMove: "reject" });
      await expect(assignment?.commit(source, { offset: -1, metadata: "" })).rejects.toMatchObject({
        nextMove: "reject",
      });
      await expect(assignment?.commit("other", { offset: 0, metadata: "" })).rejects.toMatchObject({
        nextMove: "reject",
      });
    },
  );

  busCase(
    "topics and records survive reopening",
    async ({ bed, bus, topic, name }) => {
      const source = await topic({ partitions: 2 });
      const group = name("group");
      const records = ["a", "b", "c"].map((value) => ({
        ...record("k", value),
        partition: 1,
        headers: { h: value },
      }));
      await bus.publish(source, records);
      const first = await Reader.open(bus, { group, topics: [source] });
      await eventually(() => expect(first.texts).toHaveLength(3));
      await first.assignments
        .find((assignment) => assignment.partition === 1)
        ?.commit(source, { offset: 1, metadata: "planned" });
      const reopened = await bed.reopen();
      expect(await reopened.partitionCount(source)).toBe(2);
      const second = await Reader.open(reopened, { group, topics: [source] });
      await eventually(() => expect(second.texts).toEqual(["b", "c"]));
      expect(second.records.map((received) => received.headers["h"])).toEqual(["b", "c"]);
      const assignment = second.assignments.find((candidate) => candidate.partition === 1);
      expect(assignment?.committed.get(source)).toEqual({ offset: 1, metadata: "planned" });
      expect(await reopened.publish(source, [{ ...record("k", "d"), partition: 1 }])).toEqual([
        { topic: source, partition: 1, offset: 3 },
      ]);
    },
    { needs: "persistence" },
  );
}

/** One worker per partition number of all topics, and what happens when numbers move. */
export function ownershipCases(busCase: BusCase): void {
  busCase("one worker gets the same partition number of all topics", async ({ bus, topic, name }) => {
    const topics = [await topic({ partitions: 4 }), await topic({ partitions: 4 })];
    const seenBy = new Map<number, Set<string>>();
    const reader = await Reader.open(bus, {
      group: name("group"),
      topics,
      onBatch: async (batch, { partition }) => {
        for (const received of batch.records) expect(received.partition).toBe(partition);
        seenBy.set(partition, (seenBy.get(partition) ?? new Set()).add(batch.topic));
        return Promise.resolve();
      },
    });
    for (const source of topics)
      await bus.publish(
        source,
        [0, 1, 2, 3].map((partition) => ({ ...record("k", "v"), partition })),
      );
    await eventually(() => expect(reader.records).toHaveLength(8));
    expect(reader.owned).toEqual([0, 1, 2, 3]);
    for (const seen of seenBy.values()) expect(seen).toEqual(new Set(topics));
  });

  busCase("topics with different partition counts can't be read together", async ({ bus, topic, name }) => {
    const topics = [await topic({ partitions: 2 }), await topic({ partitions: 3 })];
    await expect(Reader.open(bus, { group: name("group"), topics })).rejects.toMatchObject({
      code: "TOPICS_NOT_CO_PARTITIONED",
    });
  });

  busCase(
    "members share the partition numbers evenly and take over from one that leaves",
    async ({ bus, topic, name }) => {
      const topics = [await topic({ partitions: 4 }), await topic({ partitions: 4 })];
      const group = name("group");
      const first = await Reader.open(bus, { group, topics });
      await eventually(() => expect(first.owned).toEqual([0, 1, 2, 3]));
      const second = await Reader.open(bus, { group, topics });
      await eventually(() =>
        expect(new Set([...first.owned, ...second.owned])).toEqual(new Set([0, 1, 2, 3])),
      );
      await eventually(() => expect([first.owned.length, second.owned.length]).toEqual([2, 2]));
      await first.close();
      await eventually(() => expect(second.owned).toEqual([0, 1, 2, 3]));
      await bus.publish(
        topics[0] ?? "",
        [0, 1, 2, 3].map((partition) => ({ ...record("k", String(partition)), partition })),
      );
      await eventually(() => expect(new Set(second.texts)).toEqual(new Set(["0", "1", "2", "3"])));
      expect(first.texts).toEqual([]);
    },
  );

  busCase("a commit after losing the partition asks to drop the work", async ({ bus, topic, name }) => {
    const source = await topic({ partitions: 2 });
    const group = name("group");
    const first = await Reader.open(bus, { group, topics: [source] });
    await eventually(() => expect(first.owned).toEqual([0, 1]));
    const all = [...first.assignments];
    const second = await Reader.open(bus, { group, topics: [source] });
    await eventually(() => expect([first.owned.length, second.owned.length]).toEqual([1, 1]));
    const lost = all.find((assignment) => assignment.signal.aborted);
    await expect(lost?.commit(source, { offset: 0, metadata: "" })).rejects.toMatchObject({
      nextMove: "retry",
      code: "ASSIGNMENT_LOST",
    });
    await first.close();
    await expect(all[0]?.commit(source, { offset: 0, metadata: "" })).rejects.toMatchObject({
      nextMove: "retry",
      code: "ASSIGNMENT_LOST",
    });
  });
}
