import { expect, test } from "vitest";
import type { TableMapping } from "../rows/table-mapping.ts";
import { encodeItems } from "./encode-items.ts";

const mapping: TableMapping<{ text: string }> = {
  toRow: ({ text }) => ({ Text: text.toWellFormed() }),
  fromRow: () => ({ text: "" }),
};

test("items become one line of JSON each, with the columns of the table", async () => {
  expect(await encodeItems(mapping, [{ text: "a\nb" }, { text: "c" }])).toEqual({
    columns: ["Text"],
    lines: [
      { index: 0, text: '{"Text":"a\\nb"}' },
      { index: 1, text: '{"Text":"c"}' },
    ],
    rejected: [],
  });
});

test("an item that is not of its type is refused alone, even as the first", async () => {
  const broken = {} as { text: string };
  const { columns, lines, rejected } = await encodeItems(mapping, [broken, { text: "kept" }, broken]);
  expect(columns).toEqual(["Text"]);
  expect(lines.map((line) => line.index)).toEqual([1]);
  expect(rejected.map((item) => item.index)).toEqual([0, 2]);
});

test("long batches let other work have its turn", async () => {
  const items = Array.from({ length: 8 }, () => ({ text: "x".repeat(300 * 1024) }));
  const others = new Promise<void>((resolve) => setImmediate(() => resolve()));
  const encoded = encodeItems(mapping, items).then(() => "encoded");
  const first = await Promise.race([encoded, others.then(() => "others")]);
  expect(first).toBe("others");
  expect(await encoded).toBe("encoded");
});
