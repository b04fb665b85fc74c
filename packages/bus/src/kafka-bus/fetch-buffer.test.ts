import fc from "fast-check";
import type { KafkaMessage } from "kafkajs";
import { expect, test } from "vitest";
import { FetchBuffer } from "./fetch-buffer.ts";

const place = { topic: "t", partition: 0 };

function message(offset: number, bytes = 1): KafkaMessage {
  return {
    key: null,
    value: Buffer.alloc(bytes),
    timestamp: "0",
    attributes: 0,
    offset: String(offset),
    headers: {},
  };
}

function bufferFrom(startOffset: number): { buffer: FetchBuffer; calls: string[] } {
  const calls: string[] = [];
  const buffer = new FetchBuffer({
    place,
    startOffset,
    onFull: () => calls.push("full"),
    onRoom: () => calls.push("room"),
  });
  return { buffer, calls };
}

function drain(buffer: FetchBuffer, maxRecords: number): number[] {
  const offsets: number[] = [];
  for (;;) {
    const batch = buffer.read({ maxRecords, maxBytes: 1_000_000 });
    if (batch === undefined) return offsets;
    offsets.push(...batch.records.map((record) => record.offset));
  }
}

test("whatever is fetched twice or overlaps, each offset from the start on comes once and in order", () => {
  const fetches = fc.array(fc.record({ from: fc.nat(30), count: fc.integer({ min: 1, max: 10 }) }), {
    maxLength: 20,
  });
  fc.assert(
    fc.property(fetches, fc.nat(10), fc.integer({ min: 1, max: 7 }), (list, start, maxRecords) => {
      const { buffer } = bufferFrom(start);
      const seen: number[] = [];
      for (const { from, count } of list) {
        const messages = Array.from({ length: count }, (_, index) => message(from + index));
        buffer.add({ ...place, messages, highWatermark: 40 });
        seen.push(...drain(buffer, maxRecords));
      }
      expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
      expect(seen.every((offset) => offset >= start)).toBe(true);
      expect(buffer.nextOffset).toBe((seen.at(-1) ?? start - 1) + 1);
    }),
  );
});

test("it asks to stop fetching when it is full and to go on when it has room", () => {
  const { buffer, calls } = bufferFrom(0);
  const large = 1024 * 1024;
  buffer.add({ ...place, messages: [message(0, large)], highWatermark: 3 });
  expect(calls).toEqual([]);
  buffer.add({ ...place, messages: [message(1, large), message(2, large)], highWatermark: 3 });
  expect(calls).toEqual(["full"]);
  buffer.read({ maxRecords: 1, maxBytes: 10 });
  expect(calls).toEqual(["full"]);
  drain(buffer, 1);
  expect(calls).toEqual(["full", "room"]);
});

test("a batch names the end of the partition", () => {
  const { buffer } = bufferFrom(0);
  buffer.add({ ...place, messages: [message(0), message(1)], highWatermark: 9 });
  expect(buffer.read({ maxRecords: 1, maxBytes: 10 })?.endOffset).toBe(9);
});
