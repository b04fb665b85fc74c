import { murmur2 } from "./murmur2.ts";

const encoder = new TextEncoder();

/** The partition of a key in a topic of `count` partitions: the same in every adapter, in kafkajs and in the Collector. */
export function partitionOf(key: string, count: number): number {
  return (murmur2(encoder.encode(key)) & 0x7fffffff) % count;
}
