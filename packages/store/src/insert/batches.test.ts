import fc from "fast-check";
import { expect, test } from "vitest";
import { splitBatches } from "./batches.ts";
import { linesOf } from "./fixtures/lines-of.ts";

const texts = fc.array(fc.string({ maxLength: 30 }));

test("batches hold every line once, within their limits", () => {
  fc.assert(
    fc.property(texts, (given) => {
      const lines = linesOf(given);
      const batches = splitBatches(lines, { rows: 3, bytes: 40 });
      expect(batches.flat().toSorted((one, other) => one - other)).toEqual([...given.keys()]);
      for (const batch of batches) {
        expect(batch.length).toBeGreaterThan(0);
        expect(batch.length).toBeLessThanOrEqual(3);
        expect(batch.length === 1 || lines.copyOf(batch).byteLength <= 40).toBe(true);
      }
    }),
  );
});

test("a line above the limit is a batch of its own", () => {
  const lines = linesOf(["a", "x".repeat(50), "b"]);
  expect(splitBatches(lines, { rows: 3, bytes: 10 }).map((batch) => batch.length)).toEqual([2, 1]);
});

test("the same texts make the same batches, in whatever order they come", () => {
  fc.assert(
    fc.property(texts, (given) => {
      const batchesOf = (ordered: readonly string[]): string[][] =>
        splitBatches(linesOf(ordered), { rows: 3, bytes: 40 }).map((batch) =>
          batch.map((position) => ordered[position] ?? "").toSorted(),
        );
      expect(batchesOf(given.toReversed())).toEqual(batchesOf(given));
    }),
  );
});
