import fc from "fast-check";
import { expect, test } from "vitest";
import { linesOf } from "./fixtures/lines-of.ts";
import { Lines } from "./lines.ts";

const text = fc.string({ unit: "binary", maxLength: 200 }).map((value) => value.replaceAll("\n", ""));

test("every line is kept as it was given, whatever it is written in", () => {
  fc.assert(
    fc.property(fc.array(text), (texts) => {
      const lines = linesOf(texts);
      expect(lines.count).toBe(texts.length);
      expect(texts.map((_text, position) => Buffer.from(lines.at(position)).toString())).toEqual(
        texts.map((line) => `${line}\n`),
      );
      expect(lines.byteLength).toBe(Buffer.byteLength(texts.map((line) => `${line}\n`).join("")));
    }),
  );
});

test("some lines are copied in the order wanted", () => {
  const lines = linesOf(["a", "b", "c"]);
  expect(Buffer.from(lines.copyOf([2, 0])).toString()).toBe("c\na\n");
});

test("a copy stays as it is when more lines come", () => {
  const lines = linesOf(["a"]);
  const copy = lines.copyOf([0]);
  lines.add("x".repeat(1024 * 1024), 1);
  expect(Buffer.from(copy).toString()).toBe("a\n");
  expect(lines.at(1).byteLength).toBe(1024 * 1024 + 1);
});

test("a line that is not there has no item", () => {
  expect(() => new Lines().itemAt(0)).toThrow("There is no line 0.");
});
