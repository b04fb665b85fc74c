import fc from "fast-check";
import { Partitioners } from "kafkajs";
import { expect, test } from "vitest";
import { partitionOf } from "./partition-of.ts";

const partitionOfKafkajs = Partitioners.DefaultPartitioner();

function expectSame(key: string, count: number): void {
  const partitionMetadata = Array.from({ length: count }, (_, partitionId) => ({
    partitionErrorCode: 0,
    partitionId,
    leader: 1,
    replicas: [1],
    isr: [1],
  }));
  const expected = partitionOfKafkajs({ topic: "t", partitionMetadata, message: { key, value: null } });
  expect(partitionOf(key, count)).toBe(expected);
}

test("any text has the partition that kafkajs gives it", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "binary", maxLength: 60 }),
      fc.integer({ min: 1, max: 64 }),
      (key, count) => {
        if (key.length > 0) expectSame(key, count);
      },
    ),
    { numRuns: 3000 },
  );
});

test("trace ids have the partition that kafkajs gives them", () => {
  const hex = fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: 32, maxLength: 32 });
  fc.assert(
    fc.property(hex, (key) => {
      expectSame(key, 6);
      expectSame(key, 12);
    }),
    { numRuns: 2000 },
  );
});
