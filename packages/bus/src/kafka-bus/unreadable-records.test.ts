import { constants, gzipSync } from "node:zlib";
import kafkajs from "kafkajs";
import { beforeAll, expect, test } from "vitest";
import { registerCodecs } from "./codecs.ts";
import { unreadableHeader, unreadableRecords } from "./unreadable-records.ts";

interface Codec {
  decompress(buffer: Buffer): Promise<Buffer>;
}

const { CompressionCodecs, CompressionTypes } = kafkajs;

beforeAll(async () => {
  await registerCodecs(kafkajs);
});

/** A version 2 record batch as it lies in a fetch response; the codec is handed the part behind the header. */
function batchWith(compressed: Buffer, count: number): Buffer {
  const batch = Buffer.alloc(61 + compressed.byteLength);
  batch.writeInt32BE(compressed.byteLength + 61 - 12, 8);
  batch.writeInt8(2, 16);
  batch.writeInt32BE(count, 57);
  compressed.copy(batch, 61);
  return batch;
}

const recordsOf = (batch: Buffer): Buffer => batch.subarray(61);

function countOf(bytes: Buffer, part: string): number {
  return bytes.toString("latin1").split(part).length - 1;
}

test("a batch that can't be unpacked becomes as many marked records as it announces", () => {
  const compressed = Buffer.from("what nobody can unpack");
  const records = unreadableRecords(recordsOf(batchWith(compressed, 7)), "no codec");
  expect(countOf(records, unreadableHeader)).toBe(7);
  expect(countOf(records, "no codec")).toBe(7);
  expect(countOf(records, "what nobody can unpack")).toBe(1);
});

test.for([
  ["of an old message format", (batch: Buffer) => batch.writeInt8(1, 16)],
  ["whose length does not fit", (batch: Buffer) => batch.writeInt32BE(5, 8)],
  ["that announces no records", (batch: Buffer) => batch.writeInt32BE(0, 57)],
  ["that announces too many records", (batch: Buffer) => batch.writeInt32BE(2_000_000_000, 57)],
] as const)("a batch %s is an error", ([, spoil]) => {
  const batch = batchWith(Buffer.from("bytes"), 3);
  spoil(batch);
  expect(() => unreadableRecords(recordsOf(batch), "no codec")).toThrow("no codec");
});

test("bytes without a batch in front of them are an error", () => {
  expect(() => unreadableRecords(Buffer.from(new ArrayBuffer(8)), "no codec")).toThrow("no codec");
});

test("each built-in codec unpacks what it packed", async () => {
  const text = Buffer.from("span ".repeat(2000));
  for (const type of [CompressionTypes.GZIP, CompressionTypes.Snappy, CompressionTypes.ZSTD] as const) {
    const codec = CompressionCodecs[type]() as Codec & {
      compress(encoder: { buffer: Buffer }): Promise<Buffer>;
    };
    const packed = await codec.compress({ buffer: text });
    expect(packed.byteLength).toBeLessThan(text.byteLength / 4);
    expect(Buffer.from(await codec.decompress(Buffer.from(packed))).equals(text)).toBe(true);
  }
});

test("a cut gzip batch becomes marked records", async () => {
  const packed = gzipSync(Buffer.from("span ".repeat(2000)), { level: constants.Z_BEST_SPEED });
  const batch = batchWith(packed.subarray(0, packed.byteLength - 10), 2);
  const codec = CompressionCodecs[CompressionTypes.GZIP]() as Codec;
  expect(countOf(await codec.decompress(recordsOf(batch)), unreadableHeader)).toBe(2);
});

test("lz4, which is not built in, becomes marked records that say so", async () => {
  const codec = CompressionCodecs[CompressionTypes.LZ4]() as Codec;
  const records = await codec.decompress(recordsOf(batchWith(Buffer.from("lz4"), 1)));
  expect(countOf(records, "no codec for lz4")).toBe(1);
});
