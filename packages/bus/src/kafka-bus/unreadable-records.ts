import { RejectedError } from "@plumbline/contracts";

/** Header of records that stand for a batch nobody could unpack; its value is the reason. */
export const unreadableHeader = "plumbline-unreadable";

/** Bytes of a version 2 record batch before its records; the last four count them. */
const batchHeaderBytes = 61;
const magicOffset = 16;
const countOffset = 57;
const largestCount = 1_000_000;

/**
 * Stands in for the decompressed records of a batch: as many records as the batch announces, each marked with the reason,
 * the first one carrying the compressed bytes. kafkajs hands a codec only those bytes, but as a view into the response,
 * so the batch header can be read in front of them.
 * @throws RejectedError when the batch is of an old format that does not say how many records it holds
 */
export function unreadableRecords(compressed: Buffer, reason: string): Buffer {
  const count = announcedCount(compressed);
  if (count === undefined)
    throw new RejectedError(`A batch can't be unpacked: ${reason}.`, { code: "BATCH_UNREADABLE" });
  const parts: Buffer[] = [];
  for (let index = 0; index < count; index += 1) {
    const record = encodeRecord(index, index === 0 ? compressed : Buffer.alloc(0), reason);
    parts.push(varint(record.byteLength), record);
  }
  return Buffer.concat(parts);
}

function announcedCount(compressed: Buffer): number | undefined {
  if (compressed.byteOffset < batchHeaderBytes) return undefined;
  const header = Buffer.from(compressed.buffer, compressed.byteOffset - batchHeaderBytes, batchHeaderBytes);
  const count = header.readInt32BE(countOffset);
  const announcedBytes = header.readInt32BE(8);
  const fits = announcedBytes === compressed.byteLength + batchHeaderBytes - 12;
  return header.readInt8(magicOffset) === 2 && fits && count > 0 && count <= largestCount ? count : undefined;
}

function encodeRecord(offsetDelta: number, value: Buffer, reason: string): Buffer {
  const name = Buffer.from(unreadableHeader);
  const text = Buffer.from(reason);
  const noKey = varint(-1);
  return Buffer.concat([
    Buffer.from([0]),
    varint(0),
    varint(offsetDelta),
    noKey,
    varint(value.byteLength),
    value,
    varint(1),
    varint(name.byteLength),
    name,
    varint(text.byteLength),
    text,
  ]);
}

/** Zigzag variable-length integer, as Kafka's records have it. */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = ((value << 1) ^ (value >> 31)) >>> 0;
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}
