import { expect } from "vitest";
import type { ReceivedRecord } from "../bus.ts";
import type { BusCase } from "./harness.contract.ts";
import { Reader, bytes, eventually, record, text } from "./reader.contract.ts";

const lastByKey = (records: readonly ReceivedRecord[]): Map<string | null, string> => {
  const state = new Map<string | null, string>();
  for (const received of records) {
    if (received.value.byteLength === 0) state.delete(received.key);
    else state.set(received.key, text(received));
  }
  return state;
};

/** Reading without a group. */
export function tailCases(busCase: BusCase): void {
  busCase(
    "a tail from the beginning delivers what stands there, says so, and goes on",
    async ({ bus, topic }) => {
      const source = await topic({ partitions: 3 });
      const values = Array.from({ length: 60 }, (_, index) => String(index));
      await bus.publish(
        source,
        values.map((value) => record(value, value)),
      );
      const seen: string[] = [];
      const tail = await bus.tail({
        topic: source,
        from: "beginning",
        onRecord: (received) => seen.push(text(received)),
      });
      await tail.caughtUp;
      expect([...seen].sort()).toEqual([...values].sort());
      await bus.publish(source, [record("k", "live")]);
      await eventually(() => expect(seen.at(-1)).toBe("live"));
      await tail.close();
      await bus.publish(source, [record("k", "after")]);
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(seen).toHaveLength(61);
    },
  );

  busCase("a tail of an empty topic has caught up at once", async ({ bus, topic }) => {
    const source = await topic({ partitions: 2 });
    const tail = await bus.tail({ topic: source, from: "beginning", onRecord: () => undefined });
    await tail.caughtUp;
    await tail.close();
    expect(await bus.partitionCount(source)).toBe(2);
  });

  busCase("a tail from now delivers only what comes after", async ({ bus, topic }) => {
    const source = await topic({ partitions: 2 });
    await bus.publish(source, [record("a", "old"), record("b", "old")]);
    const seen: string[] = [];
    const tail = await bus.tail({
      topic: source,
      from: "now",
      onRecord: (received) => seen.push(text(received)),
    });
    await tail.caughtUp;
    await bus.publish(source, [record("a", "new"), record("b", "new")]);
    await eventually(() => expect(seen).toEqual(["new", "new"]));
    await tail.close();
  });

  busCase("a tail of some partitions sees only those", async ({ bus, topic }) => {
    const source = await topic({ partitions: 3 });
    await bus.publish(
      source,
      [0, 1, 2].map((partition) => ({ ...record("k", String(partition)), partition })),
    );
    const seen: string[] = [];
    const tail = await bus.tail({
      topic: source,
      partitions: [2],
      from: "beginning",
      onRecord: (received) => seen.push(text(received)),
    });
    await tail.caughtUp;
    await bus.publish(
      source,
      [0, 1, 2].map((partition) => ({ ...record("k", String(partition)), partition })),
    );
    await eventually(() => expect(seen).toEqual(["2", "2"]));
    await tail.close();
  });

  busCase("every tail sees every record, and no group is moved by it", async ({ bus, topic, name }) => {
    const source = await topic();
    await bus.publish(source, [record("k", "v")]);
    const seen: string[] = [];
    const tails = await Promise.all(
      [1, 2].map(async () =>
        bus.tail({ topic: source, from: "beginning", onRecord: (received) => seen.push(text(received)) }),
      ),
    );
    await Promise.all(tails.map((tail) => tail.caughtUp));
    expect(seen).toEqual(["v", "v"]);
    const reader = await Reader.open(bus, { group: name("group"), topics: [source] });
    await eventually(() => expect(reader.texts).toEqual(["v"]));
    await Promise.all(tails.map((tail) => tail.close()));
  });

  busCase("a tail survives a callback that throws", async ({ bus, topic }) => {
    const source = await topic();
    await bus.publish(source, [record("k", "bad"), record("k", "good")]);
    const seen: string[] = [];
    const tail = await bus.tail({
      topic: source,
      from: "beginning",
      onRecord: (received) => {
        if (text(received) === "bad") throw new Error("callback");
        seen.push(text(received));
      },
    });
    await tail.caughtUp;
    expect(seen).toEqual(["good"]);
    await tail.close();
  });
}

/** Topics that keep the last record per key, and topics that forget. */
export function keepingCases(busCase: BusCase): void {
  busCase(
    "a compacted topic keeps the last record per key; an empty value removes the key",
    async ({ bus, topic }) => {
      const source = await topic({ cleanup: "compact", partitions: 2 });
      for (let round = 0; round < 5; round += 1)
        await bus.publish(
          source,
          ["a", "b", "c"].map((key) => record(key, `${key}${String(round)}`)),
        );
      await bus.publish(source, [{ key: "b", value: bytes("") }]);
      const seen: ReceivedRecord[] = [];
      const tail = await bus.tail({
        topic: source,
        from: "beginning",
        onRecord: (received) => seen.push(received),
      });
      await tail.caughtUp;
      expect(lastByKey(seen)).toEqual(
        new Map([
          ["a", "a4"],
          ["c", "c4"],
        ]),
      );
      await tail.close();
    },
  );

  busCase(
    "compaction takes replaced records away and keeps offsets",
    async ({ bus, topic, name }) => {
      const source = await topic({ cleanup: "compact" });
      for (let round = 0; round < 4; round += 1)
        await bus.publish(source, [record("a", String(round)), record("b", String(round))]);
      await bus.publish(source, [record("a", "last")]);
      const reader = await Reader.open(bus, { group: name("group"), topics: [source] });
      await eventually(() =>
        expect(reader.records.map(({ offset, key }) => ({ offset, key }))).toEqual([
          { offset: 7, key: "b" },
          { offset: 8, key: "a" },
        ]),
      );
      expect(reader.batches[0]?.endOffset).toBe(9);
    },
    { needs: "prompt-compaction" },
  );

  busCase(
    "records leave after their retention time; offsets go on",
    async ({ bus, topic, name }) => {
      const source = await topic({ retentionMs: 150 });
      const kept = await topic();
      await bus.publish(source, [record("k", "old")]);
      await bus.publish(kept, [record("k", "kept")]);
      await new Promise((resolve) => setTimeout(resolve, 400));
      await bus.publish(source, [record("k", "new")]);
      const reader = await Reader.open(bus, { group: name("group"), topics: [source] });
      await eventually(() => expect(reader.records.map(({ offset }) => offset)).toEqual([1]));
      const other = await Reader.open(bus, { group: name("other"), topics: [kept] });
      await eventually(() => expect(other.texts).toEqual(["kept"]));
    },
    { needs: "prompt-retention" },
  );
}

/** A publisher is told to wait while a reader is too far behind. */
export function pressureCases(busCase: BusCase): void {
  const full = { nextMove: "retry", code: "BACKLOG_FULL", retryAfterMs: expect.any(Number) as number };

  busCase(
    "publishing is refused while a group is too far behind, and goes on when it has caught up",
    async ({ bus, topic, name }) => {
      const source = await topic({ partitions: 2 });
      const reader = await Reader.open(bus, { group: name("group"), topics: [source] });
      reader.consumption.pause();
      await bus.publish(
        source,
        Array.from({ length: 10 }, () => record(null, "v")),
      );
      await expect(bus.publish(source, [record(null, "more")])).rejects.toMatchObject(full);
      reader.consumption.resume();
      await eventually(() => expect(reader.records).toHaveLength(10));
      await bus.publish(source, [record(null, "more")]);
      await eventually(() => expect(reader.records).toHaveLength(11));
    },
    { needs: "back-pressure", maxBacklogRecords: 10 },
  );

  busCase(
    "a group that committed and left still holds publishers back",
    async ({ bus, topic, name }) => {
      const source = await topic();
      const reader = await Reader.open(bus, { group: name("group"), topics: [source] });
      await eventually(() => expect(reader.owned).toEqual([0]));
      await reader.assignments[0]?.commit(source, { offset: 0, metadata: "" });
      await reader.close();
      await bus.publish(
        source,
        Array.from({ length: 10 }, () => record(null, "v")),
      );
      await expect(bus.publish(source, [record(null, "more")])).rejects.toMatchObject(full);
    },
    { needs: "back-pressure", maxBacklogRecords: 10 },
  );

  busCase(
    "a topic nobody reads refuses nothing",
    async ({ bus, topic }) => {
      const source = await topic();
      const ten = Array.from({ length: 10 }, () => record(null, "v"));
      for (let round = 0; round < 5; round += 1) expect(await bus.publish(source, ten)).toHaveLength(10);
    },
    { needs: "back-pressure", maxBacklogRecords: 10 },
  );
}
