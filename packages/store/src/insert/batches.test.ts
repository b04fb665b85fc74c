import fc from "fast-check";
import { expect, test } from "vitest";
import { splitBatches } from "./batches.ts";

const lines = fc
  .array(fc.string({ maxLength: 30 }))
  .map((texts) => texts.map((text, index) => ({ index, text })));

test("batches hold every line once, within their limits", () => {
  fc.assert(
    fc.property(lines, (given) => {
      const batches = splitBatches(given, { rows: 3, characters: 40 });
      expect(batches.flat().toSorted((one, other) => one.index - other.index)).toEqual(given);
      for (const batch of batches) {
        const characters = batch.reduce((sum, line) => sum + line.text.length, 0);
        expect(batch.length).toBeGreaterThan(0);
        expect(batch.length).toBeLessThanOrEqual(3);
        expect(batch.length === 1 || characters <= 40).toBe(true);
      }
    }),
  );
});

test("a line above the limit is a batch of its own", () => {
  const given = ["a", "x".repeat(50), "b"].map((text, index) => ({ index, text }));
  expect(splitBatches(given, { rows: 3, characters: 10 }).map((batch) => batch.length)).toEqual([2, 1]);
});

test("the same texts make the same batches, in whatever order they come", () => {
  const texts = fc.array(fc.string({ maxLength: 30 }));
  fc.assert(
    fc.property(texts, (given) => {
      const batchesOf = (ordered: readonly string[]): string[][] =>
        splitBatches(
          ordered.map((text, index) => ({ index, text })),
          { rows: 3, characters: 40 },
        ).map((batch) => batch.map((line) => line.text));
      expect(batchesOf(given.toReversed())).toEqual(batchesOf(given));
    }),
  );
});
