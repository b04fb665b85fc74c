import { Buffer } from "node:buffer";
import { RejectedError } from "@plumbline/contracts";

/** How deep values may nest; real telemetry stays below ten. */
export const maxNestingDepth = 64;

const wireType = { varint: 0, fixed64: 1, bytes: 2, startGroup: 3, endGroup: 4, fixed32: 5 } as const;

const longestKnownName = 64;
const nameSlots = 4096;
/** Names read before, each in the one place where it is looked for; another one there takes its place. */
const knownNames: ({ bytes: Uint8Array; text: string } | undefined)[] = Array.from({ length: nameSlots });

/** Reads protobuf wire format out of one buffer. Every read is bounds-checked. */
export class WireReader {
  pos = 0;
  readonly end: number;
  readonly #bytes: Buffer;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.end = bytes.byteLength;
  }

  fail(what: string): never {
    throw new RejectedError(`Not a readable OTLP protobuf message: ${what} at byte ${String(this.pos)}.`, {
      code: "OTLP_PROTOBUF_MALFORMED",
      mend: "Check that the sender's content type matches its body and that nothing cut the body on the way.",
    });
  }

  /** Field number and wire type in one number, as on the wire. */
  tag(): number {
    const value = this.uint32();
    if (value >>> 3 === 0) this.fail("field number 0");
    return value;
  }

  uint32(): number {
    let result = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#byte();
      if (shift < 35) result |= (byte & 0x7f) << shift;
      if (byte < 0x80) return result >>> 0;
    }
    return this.fail("a varint longer than ten bytes");
  }

  /** A signed 64-bit varint: a number where it is exact, else a bigint. */
  int64(): number | bigint {
    let low = 0;
    let high = 0;
    for (let index = 0; index < 10; index += 1) {
      const byte = this.#byte();
      const bits = byte & 0x7f;
      const shift = index * 7;
      if (shift < 32) low |= bits << shift;
      if (shift === 28) high |= bits >>> 4;
      else if (shift > 28) high |= bits << (shift - 32);
      if (byte < 0x80) return joinInt64(high, low >>> 0);
    }
    return this.fail("a varint longer than ten bytes");
  }

  fixed32(): number {
    this.#need(4);
    const value = this.#bytes.readUInt32LE(this.pos);
    this.pos += 4;
    return value;
  }

  fixed64(): bigint {
    this.#need(8);
    const value = this.#bytes.readBigUInt64LE(this.pos);
    this.pos += 8;
    return value;
  }

  double(): number {
    this.#need(8);
    const value = this.#bytes.readDoubleLE(this.pos);
    this.pos += 8;
    return value;
  }

  /** Reads a length and returns where that field ends; `limit` is the end of the message it stands in. */
  lengthEnd(limit: number): number {
    const length = this.uint32();
    const fieldEnd = this.pos + length;
    if (fieldEnd > limit) this.fail(`a field of ${String(length)} bytes that runs past its message`);
    return fieldEnd;
  }

  string(limit: number): string {
    return this.#text(this.lengthEnd(limit));
  }

  #text(fieldEnd: number): string {
    const text = this.#bytes.toString("utf8", this.pos, fieldEnd);
    this.pos = fieldEnd;
    return text;
  }

  /** As {@link string}, for names, of which there are few: the same bytes give the same text without making it anew. */
  name(limit: number): string {
    const fieldEnd = this.lengthEnd(limit);
    const length = fieldEnd - this.pos;
    if (length > longestKnownName) return this.#text(fieldEnd);
    let slot = length;
    for (let at = this.pos; at < fieldEnd; at += 1) slot = (Math.imul(slot, 31) + (this.#bytes[at] ?? 0)) | 0;
    slot &= nameSlots - 1;
    const known = knownNames[slot];
    if (known !== undefined && this.#holds(known.bytes, length)) {
      this.pos = fieldEnd;
      return known.text;
    }
    const bytes = new Uint8Array(this.#bytes.subarray(this.pos, fieldEnd));
    const text = this.#text(fieldEnd);
    knownNames[slot] = { bytes, text };
    return text;
  }

  #holds(bytes: Uint8Array, length: number): boolean {
    if (bytes.length !== length) return false;
    for (let index = 0; index < length; index += 1)
      if (bytes[index] !== this.#bytes[this.pos + index]) return false;
    return true;
  }

  hex(limit: number): string {
    const fieldEnd = this.lengthEnd(limit);
    const text = this.#bytes.toString("hex", this.pos, fieldEnd);
    this.pos = fieldEnd;
    return text;
  }

  bytes(limit: number): Uint8Array {
    const fieldEnd = this.lengthEnd(limit);
    const copy = new Uint8Array(this.#bytes.subarray(this.pos, fieldEnd));
    this.pos = fieldEnd;
    return copy;
  }

  /** Passes over a field that is not known; `limit` is the end of its message. */
  skip(tag: number, limit: number, depth = 0): void {
    switch (tag & 7) {
      case wireType.varint:
        this.int64();
        break;
      case wireType.fixed64:
        this.#need(8);
        this.pos += 8;
        break;
      case wireType.bytes:
        this.pos = this.lengthEnd(limit);
        break;
      case wireType.startGroup:
        this.#skipGroup(tag >>> 3, limit, depth + 1);
        break;
      case wireType.fixed32:
        this.#need(4);
        this.pos += 4;
        break;
      default:
        this.fail(`wire type ${String(tag & 7)}`);
    }
  }

  #skipGroup(field: number, limit: number, depth: number): void {
    if (depth > maxNestingDepth) this.fail(`nesting deeper than ${String(maxNestingDepth)}`);
    while (this.pos < limit) {
      const tag = this.tag();
      if ((tag & 7) === wireType.endGroup) {
        if (tag >>> 3 !== field) this.fail("a group that another field closes");
        return;
      }
      this.skip(tag, limit, depth);
    }
    this.fail("a group without its end");
  }

  #byte(): number {
    const byte = this.#bytes[this.pos];
    if (byte === undefined) this.fail("the body ends inside a field");
    this.pos += 1;
    return byte;
  }

  #need(count: number): void {
    if (this.pos + count > this.end) this.fail("the body ends inside a field");
  }
}

function joinInt64(high: number, low: number): number | bigint {
  const value = high * 4_294_967_296 + low;
  return Number.isSafeInteger(value) ? value : (BigInt(high) << 32n) | BigInt(low);
}

/**
 * Calls `onField` for each field of the message that ends at `limit`.
 * `onField` must read the whole field, or call `reader.skip`.
 */
export function readFields(reader: WireReader, limit: number, onField: (tag: number) => void): void {
  while (reader.pos < limit) onField(reader.tag());
  if (reader.pos !== limit) reader.fail("a field that runs past its message");
}
