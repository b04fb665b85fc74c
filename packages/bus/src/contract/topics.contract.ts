import { expect } from "vitest";
import { maxRecordBytes } from "../limits.ts";
import { partitionOf } from "../partitioner/partition-of.ts";
import type { BusCase } from "./harness.contract.ts";
import { Reader, bytes, eventually, record } from "./reader.contract.ts";

/** Topics, partitions and what publishing accepts. */
export function topicCases(busCase: BusCase): void {
  busCase("an existing topic keeps its partition count", async ({ bus, topic }) => {
    const name = await topic({ partitions: 3 });
    await bus.createTopics([{ name, partitions: 5, cleanup: "delete", retentionMs: null }]);
    expect(await bus.partitionCount(name)).toBe(3);
  });

  busCase("an unknown topic is a clear error", async ({ bus, name }) => {
    const missing = name("missing");
    const expected = { code: "TOPIC_UNKNOWN", message: expect.stringContaining(missing) as string };
    await expect(bus.publish(missing, [record("k", "v")])).rejects.toMatchObject(expected);
    await expect(bus.partitionCount(missing)).rejects.toMatchObject(expected);
    await expect(Reader.open(bus, { group: name("group"), topics: [missing] })).rejects.toMatchObject(
      expected,
    );
    await expect(bus.tail({ topic: missing, from: "now", onRecord: () => undefined })).rejects.toMatchObject(
      expected,
    );
  });

  busCase("a key has the partition that partitionOf names, and positions say so", async ({ bus, topic }) => {
    const name = await topic({ partitions: 6 });
    const keys = Array.from({ length: 40 }, (_, index) => `run-${String(index)}`);
    const positions = await bus.publish(
      name,
      keys.map((key) => record(key, key)),
    );
    expect(positions.map((position) => position.partition)).toEqual(keys.map((key) => partitionOf(key, 6)));
    const nextOffset = new Map<number, number>();
    for (const { partition, offset } of positions) {
      expect(offset).toBe(nextOffset.get(partition) ?? 0);
      nextOffset.set(partition, offset + 1);
    }
  });

  busCase("a given partition overrides the key's", async ({ bus, topic }) => {
    const name = await topic({ partitions: 4 });
    const positions = await bus.publish(
      name,
      [0, 1, 2, 3].map((partition) => ({ ...record("same", "v"), partition })),
    );
    expect(positions.map((position) => position.partition)).toEqual([0, 1, 2, 3]);
  });

  busCase("records without a key spread over the partitions", async ({ bus, topic }) => {
    const name = await topic({ partitions: 2 });
    const positions = await bus.publish(
      name,
      Array.from({ length: 8 }, () => record(null, "v")),
    );
    expect(new Set(positions.map((position) => position.partition)).size).toBe(2);
  });

  busCase("key, value bytes, headers and time arrive as published", async ({ bus, topic, name }) => {
    const source = await topic();
    const value = Uint8Array.from({ length: 256 }, (_, index) => index);
    const headers = { "plumbline-tenant": "tenant ü", "content-type": "application/x-protobuf" };
    await bus.publish(source, [
      { key: "clé", value, headers },
      { key: null, value: bytes("") },
    ]);
    const reader = await Reader.open(bus, { group: name("group"), topics: [source] });
    await eventually(() => expect(reader.records).toHaveLength(2));
    const [first, second] = reader.records;
    expect(first).toMatchObject({ topic: source, partition: 0, offset: 0, key: "clé", headers });
    expect(new Uint8Array(first?.value ?? [])).toEqual(value);
    expect(first?.timestampMs).toBeGreaterThan(1_600_000_000_000);
    expect(second).toMatchObject({ offset: 1, key: null, headers: {} });
    expect(second?.value.byteLength).toBe(0);
  });

  busCase("what a publisher does to its bytes afterwards changes nothing", async ({ bus, topic, name }) => {
    const source = await topic();
    const value = bytes("as published");
    await bus.publish(source, [{ key: "k", value }]);
    value.fill(0);
    const reader = await Reader.open(bus, { group: name("group"), topics: [source] });
    await eventually(() => expect(reader.texts).toEqual(["as published"]));
  });

  busCase("publishing nothing is nothing", async ({ bus, topic }) => {
    expect(await bus.publish(await topic(), [])).toEqual([]);
  });

  busCase(
    "a record no retry makes acceptable is rejected, and none of its call is kept",
    async ({ bus, topic }) => {
      const plain = await topic();
      const compacted = await topic({ cleanup: "compact" });
      const tooLarge = { key: "k", value: new Uint8Array(maxRecordBytes + 1) };
      await expect(bus.publish(plain, [record("k", "v"), tooLarge])).rejects.toMatchObject({
        nextMove: "reject",
        code: "RECORD_TOO_LARGE",
      });
      const elsewhere = { ...record("k", "v"), partition: 7 };
      await expect(bus.publish(plain, [elsewhere])).rejects.toMatchObject({
        nextMove: "reject",
        code: "PARTITION_UNKNOWN",
      });
      await expect(bus.publish(compacted, [record(null, "v")])).rejects.toMatchObject({
        nextMove: "reject",
        code: "RECORD_WITHOUT_KEY",
      });
      expect(await bus.publish(plain, [record("k", "v")])).toEqual([
        { topic: plain, partition: 0, offset: 0 },
      ]);
    },
  );

  busCase("the largest record goes through", async ({ bus, topic, name }) => {
    const source = await topic();
    await bus.publish(source, [{ key: "k", value: new Uint8Array(maxRecordBytes - 1) }, record("k", "next")]);
    const reader = await Reader.open(bus, { group: name("group"), topics: [source] });
    await eventually(() =>
      expect(reader.records.map((received) => received.value.byteLength)).toEqual([maxRecordBytes - 1, 4]),
    );
  });

  busCase("check passes on a working bus and fails on a closed one", async ({ bus }) => {
    await bus.check();
    await bus.close();
    await expect(bus.check()).rejects.toMatchObject({ nextMove: "retry", code: "BUS_CLOSED" });
  });
}
