import fc from "fast-check";
import Encoder from "kafkajs/src/protocol/encoder.js";
import { expect, test } from "vitest";
import { letEncodersShareMemory } from "./kafka-encoding.ts";

const contents = fc.array(
  fc.oneof(
    fc.integer({ min: -0x80_00_00_00, max: 0x7f_ff_ff_ff }),
    fc.string({ maxLength: 600 }),
    fc.uint8Array({ maxLength: 5_000 }).map((bytes) => Buffer.from(bytes)),
  ),
  { maxLength: 8 },
);

/** A part of a request with two parts of its own. */
function encoded(values: readonly (number | string | Buffer)[]): string {
  const part = new Encoder();
  for (const value of values) {
    if (typeof value === "number") part.writeInt32(value);
    else if (typeof value === "string") part.writeString(value);
    else part.writeVarIntBytes(value);
  }
  return new Encoder().writeInt32(values.length).writeArray([part, part]).buffer.toString("hex");
}

test("what is encoded in shared memory is what kafkajs would have sent", async () => {
  const samples = fc.sample(contents, 200);
  const before = samples.map((values) => encoded(values));
  await letEncodersShareMemory();
  expect(samples.map((values) => encoded(values))).toEqual(before);
});

test("encoders of small parts share memory", async () => {
  await letEncodersShareMemory();
  const memory = Array.from({ length: 10 }, (_, index) => new Encoder().writeInt32(index).buffer.buffer);
  expect(new Set(memory).size).toBeLessThan(memory.length);
});
