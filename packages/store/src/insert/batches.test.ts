import fc from "fast-check";
import { expect, test } from "vitest";
import { splitBatches } from "./batches.ts";

const lines = fc
  .array(fc.string({ maxLength: 30 }))
  .map((texts) => texts.map((text, index) => ({ index, text })));

test("batches hold every line once, in order, within their limits", () => {
  fc.assert(
    fc.property(lines, (given) => {
      const batches = splitBatches(given, { rows: 3, characters: 40 });
      expect(batches.flat()).toEqual(given);
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
  expect(splitBatches(given, { rows: 3, characters: 10 }).map((batch) => batch.length)).toEqual([1, 1, 1]);
});
