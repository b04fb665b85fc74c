import { expect } from "vitest";
import type { BusCase } from "./harness.contract.ts";
import { Reader, eventually, record, text } from "./reader.contract.ts";

const numbered = (count: number, key: (index: number) => string | null): ReturnType<typeof record>[] =>
  Array.from({ length: count }, (_, index) => record(key(index), String(index)));

/** What a group is given, in which order, and what happens when it fails. */
export function deliveryCases(busCase: BusCase): void {
  busCase("records of a key arrive in order, across batches and partitions", async ({ bus, topic, name }) => {
    const source = await topic({ partitions: 3 });
    const reader = await Reader.open(bus, { group: name("group"), topics: [source], maxBatchRecords: 7 });
    for (let round = 0; round < 5; round += 1) {
      await bus.publish(
        source,
        numbered(50, (index) => `key-${String(index % 11)}`).map((entry, index) => ({
          ...entry,
          value: new TextEncoder().encode(String(round * 50 + index)),
        })),
      );
    }
    await eventually(() => expect(reader.records).toHaveLength(250));
    const byKey = Map.groupBy(reader.records, (received) => received.key);
    expect(byKey.size).toBe(11);
    for (const records of byKey.values()) {
      const values = records.map((received) => Number(text(received)));
      expect(values).toEqual([...values].sort((a, b) => a - b));
    }
  });

  busCase("batches keep their bounds and name the end of the partition", async ({ bus, topic, name }) => {
    const source = await topic();
    await bus.publish(
      source,
      numbered(25, () => "k"),
    );
    const reader = await Reader.open(bus, { group: name("group"), topics: [source], maxBatchRecords: 10 });
    await eventually(() => expect(reader.records).toHaveLength(25));
    for (const batch of reader.batches) {
      expect(batch.records.length).toBeLessThanOrEqual(10);
      expect(batch.endOffset).toBe(25);
    }
  });

  busCase("a batch holds no more bytes than asked, but at least one record", async ({ bus, topic, name }) => {
    const source = await topic();
    await bus.publish(
      source,
      Array.from({ length: 6 }, () => record("k", "x".repeat(1000))),
    );
    const reader = await Reader.open(bus, { group: name("group"), topics: [source], maxBatchBytes: 2500 });
    await eventually(() => expect(reader.records).toHaveLength(6));
    for (const batch of reader.batches) expect(batch.records.length).toBeLessThanOrEqual(2);
    const tight = await Reader.open(bus, { group: name("tight"), topics: [source], maxBatchBytes: 1 });
    await eventually(() => expect(tight.batches).toHaveLength(6));
  });

  busCase("batches of one worker arrive one at a time", async ({ bus, topic, name }) => {
    const topics = [await topic({ partitions: 2 }), await topic({ partitions: 2 })];
    const inWork = new Set<number>();
    let overlaps = 0;
    const onBatch = async (_: unknown, { partition }: { partition: number }): Promise<void> => {
      if (inWork.has(partition)) overlaps += 1;
      inWork.add(partition);
      await new Promise((resolve) => setTimeout(resolve, 2));
      inWork.delete(partition);
    };
    const reader = await Reader.open(bus, { group: name("group"), topics, maxBatchRecords: 2, onBatch });
    for (const source of topics)
      await bus.publish(
        source,
        numbered(20, () => null),
      );
    await eventually(() => expect(reader.records).toHaveLength(40));
    expect(overlaps).toBe(0);
  });

  busCase("groups are independent", async ({ bus, topic, name }) => {
    const source = await topic();
    const first = await Reader.open(bus, { group: name("first"), topics: [source] });
    await bus.publish(
      source,
      numbered(5, () => "k"),
    );
    const second = await Reader.open(bus, { group: name("second"), topics: [source] });
    for (const reader of [first, second])
      await eventually(() => expect(reader.texts).toEqual(["0", "1", "2", "3", "4"]));
  });

  busCase(
    "a refused batch comes again, same records, and nothing later before it",
    async ({ bus, topic, name }) => {
      const source = await topic();
      await bus.publish(
        source,
        numbered(9, () => "k"),
      );
      const attempts: string[] = [];
      const reader = await Reader.open(bus, {
        group: name("group"),
        topics: [source],
        maxBatchRecords: 3,
        onBatch: async ({ records }) => {
          const seen = records.map(text).join();
          attempts.push(seen);
          if (
            records.some((received) => text(received) === "3") &&
            attempts.filter((other) => other === seen).length < 3
          )
            throw new Error("not now");
          return Promise.resolve();
        },
      });
      await eventually(() => expect(reader.texts).toEqual(["0", "1", "2", "3", "4", "5", "6", "7", "8"]));
      const refused = attempts.filter((seen) => seen.split(",").includes("3"));
      expect(new Set(refused).size).toBe(1);
      expect(refused).toHaveLength(3);
      expect(attempts.at(-1)).toContain("8");
    },
  );

  busCase("a worker that can't be opened is tried again", async ({ bus, topic, name }) => {
    const source = await topic();
    await bus.publish(source, [record("k", "v")]);
    let attempts = 0;
    const seen: string[] = [];
    await bus.consume({
      group: name("group"),
      topics: [source],
      open: async () => {
        attempts += 1;
        if (attempts < 3) throw new Error("store is down");
        return Promise.resolve({
          onBatch: async ({ records }) => {
            seen.push(...records.map(text));
            return Promise.resolve();
          },
          close: async () => Promise.resolve(),
        });
      },
    });
    await eventually(() => expect(seen).toEqual(["v"]));
    expect(attempts).toBe(3);
  });

  busCase("a paused consumption is given nothing until it resumes", async ({ bus, topic, name }) => {
    const source = await topic();
    const reader = await Reader.open(bus, { group: name("group"), topics: [source] });
    await bus.publish(source, [record("k", "before")]);
    await eventually(() => expect(reader.texts).toEqual(["before"]));
    reader.consumption.pause();
    await bus.publish(source, [record("k", "during")]);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(reader.texts).toEqual(["before"]);
    expect(reader.owned).toEqual([0]);
    reader.consumption.resume();
    await eventually(() => expect(reader.texts).toEqual(["before", "during"]));
  });

  busCase(
    "a topic that its worker does not take waits, others go on, and it comes once it is taken",
    async ({ bus, topic, name }) => {
      const [held, open] = [await topic(), await topic()];
      const seen: string[] = [];
      let isHeld = true;
      let wake: () => void = () => undefined;
      await bus.consume({
        group: name("group"),
        topics: [held, open],
        open: (assignment) => {
          wake = () => assignment.wake();
          return Promise.resolve({
            takes: (topicName) => !isHeld || topicName !== held,
            onBatch: ({ records }) => {
              seen.push(...records.map(text));
              return Promise.resolve();
            },
            close: () => Promise.resolve(),
          });
        },
      });
      await bus.publish(held, [record("k", "bulk")]);
      await bus.publish(open, [record("k", "first")]);
      await eventually(() => expect(seen).toEqual(["first"]));
      await bus.publish(open, [record("k", "second")]);
      await eventually(() => expect(seen).toEqual(["first", "second"]));
      isHeld = false;
      wake();
      await eventually(() => expect(seen).toEqual(["first", "second", "bulk"]));
    },
  );

  busCase("records of an urgent topic go before what waits in the others", async ({ bus, topic, name }) => {
    const [bulk, urgent] = [await topic(), await topic()];
    const release = Promise.withResolvers<void>();
    const reader = await Reader.open(bus, {
      group: name("group"),
      topics: [bulk, urgent],
      urgencyOf: (name) => (name === urgent ? "urgent" : "prompt"),
      maxBatchRecords: 1,
      onBatch: () => release.promise,
    });
    const waiting = Array.from({ length: 6 }, (_unused, index) => `bulk ${String(index)}`);
    await bus.publish(
      bulk,
      waiting.map((value) => record("k", value)),
    );
    await eventually(() => expect(reader.owned).toEqual([0]));
    await bus.publish(urgent, [record("k", "command"), record("k", "another")]);
    // The first batch is in work; a bus over the network has to have fetched the rest by the time it ends.
    await new Promise((resolve) => setTimeout(resolve, 300));
    release.resolve();
    await eventually(() => expect(reader.texts).toHaveLength(8));
    expect(reader.texts.indexOf("another")).toBeLessThan(reader.texts.indexOf("bulk 2"));
  });

  busCase(
    "close waits for the batch in work, lets it commit, then closes the workers",
    async ({ bus, topic, name }) => {
      const source = await topic();
      const group = name("group");
      const order: string[] = [];
      const release = Promise.withResolvers<void>();
      const reader = await Reader.open(bus, {
        group,
        topics: [source],
        onBatch: async (_, assignment) => {
          order.push("started");
          await release.promise;
          await assignment.commit(source, { offset: 1, metadata: "" });
          order.push("committed");
        },
        onClose: async () => Promise.resolve(void order.push("closed")),
      });
      await bus.publish(source, [record("k", "v")]);
      await eventually(() => expect(order).toEqual(["started"]));
      const closing = reader.close();
      release.resolve();
      await closing;
      expect(order).toEqual(["started", "committed", "closed"]);
      await bus.publish(source, [record("k", "later")]);
      const next = await Reader.open(bus, { group, topics: [source] });
      await eventually(() => expect(next.texts).toEqual(["later"]));
      expect(reader.texts).toEqual(["v"]);
    },
  );

  busCase("a batch in work may publish and commit while the bus closes", async ({ bus, topic, name }) => {
    const [source, target] = [await topic(), await topic()];
    const started = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const outcome = Promise.withResolvers<string>();
    await Reader.open(bus, {
      group: name("group"),
      topics: [source],
      onBatch: async (_, assignment) => {
        started.resolve();
        await release.promise;
        const [position] = await bus.publish(target, [record("k", "derived")]);
        await assignment.commit(source, { offset: 1, metadata: "" });
        outcome.resolve(`derived at ${String(position?.offset)}`);
      },
    });
    await bus.publish(source, [record("k", "v")]);
    await started.promise;
    const closing = bus.close();
    release.resolve();
    await closing;
    expect(await outcome.promise).toBe("derived at 0");
  });

  busCase(
    "closing the bus closes its consumptions and refuses what comes later",
    async ({ bus, topic, name }) => {
      const source = await topic();
      const reader = await Reader.open(bus, { group: name("group"), topics: [source] });
      await eventually(() => expect(reader.owned).toEqual([0]));
      await bus.close();
      await bus.close();
      expect(reader.closed).toEqual([0]);
      expect(reader.owned).toEqual([]);
      await expect(bus.publish(source, [record("k", "v")])).rejects.toMatchObject({
        nextMove: "retry",
        code: "BUS_CLOSED",
      });
    },
  );
}
