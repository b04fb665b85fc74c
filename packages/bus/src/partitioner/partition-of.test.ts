import fc from "fast-check";
import { Partitioners } from "kafkajs";
import { expect, test } from "vitest";
import { partitionOf } from "./partition-of.ts";

const defaultPartitioner = Partitioners.DefaultPartitioner();

const mostPartitions = 64;
const allPartitions = Array.from({ length: mostPartitions }, (_, partitionId) => ({
  partitionErrorCode: 0,
  partitionId,
  leader: 1,
  replicas: [1],
  isr: [1],
}));

function partitionOfKafkajs(key: string, count: number): number {
  const partitionMetadata = allPartitions.slice(0, count);
  return defaultPartitioner({ topic: "t", partitionMetadata, message: { key, value: null } });
}

test("any text has the partition that kafkajs gives it", () => {
  const key = fc.string({ unit: "binary", minLength: 1, maxLength: 60 });
  expect(() => {
    fc.assert(
      fc.property(
        key,
        fc.integer({ min: 1, max: mostPartitions }),
        (text, count) => partitionOf(text, count) === partitionOfKafkajs(text, count),
      ),
      { numRuns: 2000 },
    );
  }).not.toThrow();
});

test("trace ids have the partition that kafkajs gives them", () => {
  const key = fc.stringMatching(/^[0-9a-f]{32}$/);
  expect(() => {
    fc.assert(
      fc.property(key, (id) =>
        [6, 12].every((count) => partitionOf(id, count) === partitionOfKafkajs(id, count)),
      ),
      { numRuns: 2000 },
    );
  }).not.toThrow();
});
