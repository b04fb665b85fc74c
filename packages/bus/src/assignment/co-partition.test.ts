import fc from "fast-check";
import { expect, test } from "vitest";
import { coPartition } from "./co-partition.ts";

const members = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 8 });
const partitionCount = fc.integer({ min: 0, max: 40 });

const countsOf = (names: readonly string[], owners: ReadonlyMap<number, string>): number[] =>
  names.map((name) => [...owners.values()].filter((owner) => owner === name).length);

const previousOf = (names: readonly string[], picks: readonly number[]): Map<number, string> =>
  new Map(picks.map((pick, partition) => [partition, names[pick % (names.length + 1)] ?? "gone"]));

test("every partition number has exactly one owner, a member", () => {
  fc.assert(
    fc.property(members, partitionCount, fc.array(fc.nat(), { maxLength: 40 }), (names, count, picks) => {
      const owners = coPartition({
        members: names,
        partitionCount: count,
        previous: previousOf(names, picks),
      });
      expect([...owners.keys()].sort((a, b) => a - b)).toEqual(
        Array.from({ length: count }, (_, index) => index),
      );
      for (const owner of owners.values()) expect(names).toContain(owner);
    }),
  );
});

test("the counts of two members differ by at most one", () => {
  fc.assert(
    fc.property(members, partitionCount, fc.array(fc.nat(), { maxLength: 40 }), (names, count, picks) => {
      const counts = countsOf(
        names,
        coPartition({ members: names, partitionCount: count, previous: previousOf(names, picks) }),
      );
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    }),
  );
});

test("the order in which members are listed does not matter", () => {
  fc.assert(
    fc.property(members, partitionCount, (names, count) => {
      const owners = coPartition({ members: names, partitionCount: count, previous: new Map() });
      expect(
        coPartition({ members: [...names].reverse(), partitionCount: count, previous: new Map() }),
      ).toEqual(owners);
    }),
  );
});

test("nothing moves while the members stay", () => {
  fc.assert(
    fc.property(members, partitionCount, (names, count) => {
      const owners = coPartition({ members: names, partitionCount: count, previous: new Map() });
      expect(coPartition({ members: names, partitionCount: count, previous: owners })).toEqual(owners);
    }),
  );
});

test("when a member joins, numbers move only to it; when one leaves, only its own move", () => {
  fc.assert(
    fc.property(members, partitionCount, (names, count) => {
      const newcomer = "the newcomer";
      const before = coPartition({ members: names, partitionCount: count, previous: new Map() });
      const joined = coPartition({ members: [...names, newcomer], partitionCount: count, previous: before });
      const stayed = [...joined].filter(([, owner]) => owner !== newcomer);
      expect(stayed.map(([partition]) => [partition, before.get(partition)])).toEqual(stayed);
      const left = coPartition({ members: names, partitionCount: count, previous: joined });
      expect(stayed.map(([partition]) => [partition, left.get(partition)])).toEqual(stayed);
    }),
  );
});

test("without members nobody owns anything", () => {
  expect(coPartition({ members: [], partitionCount: 3, previous: new Map() }).size).toBe(0);
});
