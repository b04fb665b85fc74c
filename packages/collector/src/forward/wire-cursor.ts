import { RejectedError } from "@plumbline/contracts";

export const wireType = {
  varint: 0,
  fixed64: 1,
  lengthDelimited: 2,
  startGroup: 3,
  endGroup: 4,
  fixed32: 5,
} as const;

const deepestGroup = 16;

function broken(what: string, at: number): RejectedError {
  return new RejectedError(`The protobuf is not readable at byte ${String(at)}: ${what}.`, {
    code: "UNDECODABLE",
    mend: "Send an OTLP export request in binary protobuf.",
  });
}

/**
 * Walks the fields of one protobuf message without decoding them. Reads only inside [start, end).
 * After {@link WireCursor.next} returned true, the public fields describe the field it stands on.
 */
export class WireCursor {
  /** Field number. */
  field = 0;
  type = 0;
  /** First byte of the tag. */
  start = 0;
  /** First byte of the value; for length-delimited fields the first byte after the length. */
  valueStart = 0;
  /** First byte after the field. */
  end = 0;

  readonly #bytes: Uint8Array;
  readonly #limit: number;
  #position: number;

  constructor(bytes: Uint8Array, start: number, limit: number) {
    this.#bytes = bytes;
    this.#position = start;
    this.#limit = limit;
  }

  /**
   * Steps to the next field.
   * @returns false at the end of the message
   * @throws RejectedError `UNDECODABLE` when the bytes are no protobuf fields
   */
  next(): boolean {
    if (this.#position >= this.#limit) return false;
    this.start = this.#position;
    this.#readTag();
    if (this.type === wireType.endGroup) throw broken("a group ends that never began", this.start);
    this.#readValue();
    return true;
  }

  #readTag(): void {
    const tag = this.#varint();
    if (tag > 0xffff_ffff) throw broken("a field number is too large", this.start);
    this.field = Math.floor(tag / 8);
    this.type = tag % 8;
    if (this.field === 0) throw broken("a field has the number 0", this.start);
  }

  #readValue(): void {
    this.valueStart = this.#position;
    if (this.type === wireType.lengthDelimited) {
      const length = this.#varint();
      this.valueStart = this.#position;
      this.#advance(length);
    } else if (this.type === wireType.startGroup) {
      this.#skipGroup(this.field);
    } else {
      this.#skipScalar();
    }
    this.end = this.#position;
  }

  #skipScalar(): void {
    if (this.type === wireType.varint) this.#varint();
    else if (this.type === wireType.fixed64) this.#advance(8);
    else if (this.type === wireType.fixed32) this.#advance(4);
    else throw broken(`wire type ${String(this.type)} does not exist`, this.start);
  }

  /** Groups are out of use, but a sender may still put one into an unknown field. */
  #skipGroup(field: number): void {
    const open = [field];
    const { start } = this;
    while (open.length > 0) {
      if (this.#position >= this.#limit) throw broken("a group has no end", start);
      this.#readTag();
      if (this.type === wireType.startGroup) open.push(this.field);
      else if (this.type !== wireType.endGroup) this.#skipGroupMember();
      else if (open.pop() !== this.field) throw broken("a group ends that is not open", start);
      if (open.length > deepestGroup) throw broken("groups are nested too deeply", start);
    }
    this.field = field;
    this.type = wireType.startGroup;
  }

  #skipGroupMember(): void {
    if (this.type === wireType.lengthDelimited) this.#advance(this.#varint());
    else this.#skipScalar();
  }

  #advance(length: number): void {
    const end = this.#position + length;
    if (end > this.#limit) throw broken("it ends in the middle of a field", this.#position);
    this.#position = end;
  }

  /** Up to ten bytes; values above 2^53 lose precision, which only lengths and tags would mind, and those are bounded. */
  #varint(): number {
    let value = 0;
    let factor = 1;
    for (let count = 0; count < 10; count += 1) {
      if (this.#position >= this.#limit) throw broken("it ends in the middle of a number", this.#position);
      const byte = this.#bytes[this.#position] ?? 0;
      this.#position += 1;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 128;
    }
    throw broken("a number has more than ten bytes", this.#position);
  }
}
