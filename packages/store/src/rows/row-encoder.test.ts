import type { AttributeValue } from "@plumbline/contracts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { RowEncoder } from "./row-encoder.ts";

const anyText = fc.string({ unit: "binary", maxLength: 20 });
const brokenText = fc
  .array(fc.integer({ min: 0xd7f0, max: 0xe010 }), { maxLength: 6 })
  .map((units) => String.fromCharCode(...units));

test("text that is no valid Unicode is mended and named", () => {
  const row = new RowEncoder().text("Goal", "cut \ud83d").text("Name", "whole 😀 \0").done();
  expect(row).toMatchObject({ Goal: "cut \ufffd", Name: "whole 😀 \0", AlteredFields: ["Goal"] });
});

test.each([
  [-1, 0],
  [1.5, 1],
  [Number.NaN, 0],
  [Infinity, Number.MAX_SAFE_INTEGER],
  [2 ** 60, Number.MAX_SAFE_INTEGER],
])("the count %d is stored as %d and named", (given, stored) => {
  expect(new RowEncoder().count("Steps", given).done()).toMatchObject({
    Steps: stored,
    AlteredFields: ["Steps"],
  });
});

test.each([
  [Number.NaN, 0],
  [Infinity, Number.MAX_VALUE],
  [-Infinity, -Number.MAX_VALUE],
])("the figure %d is stored as %d and named", (given, stored) => {
  expect(new RowEncoder().real("Cost", given).done()).toMatchObject({
    Cost: stored,
    AlteredFields: ["Cost"],
  });
});

test("a span that ended before it began lasts 0 and says so", () => {
  const row = new RowEncoder().duration("Duration", 10n, 3n).done();
  expect(row).toMatchObject({ Duration: "0", AlteredFields: ["Duration"] });
});

test("a duration above 2^53 keeps its last digit", () => {
  expect(new RowEncoder().duration("Duration", 0n, 9_007_199_254_740_993n).done()).toMatchObject({
    Duration: "9007199254740993",
    AlteredFields: [],
  });
});

test("attribute values of every kind become text", () => {
  const attributes: Record<string, AttributeValue> = {
    text: "a",
    number: 1.5,
    large: 18_446_744_073_709_551_615n,
    flag: true,
    nothing: null,
    bytes: new Uint8Array([1, 2, 3]),
    list: ["a", 1n, Number.NaN],
    object: { inner: { deep: [new Uint8Array([255])] } },
    notANumber: Number.NaN,
  };
  expect(new RowEncoder().attributes("Attributes", attributes).done()["Attributes"]).toEqual({
    text: "a",
    number: "1.5",
    large: "18446744073709551615",
    flag: "true",
    nothing: "",
    bytes: "AQID",
    list: '["a","1","NaN"]',
    object: '{"inner":{"deep":["/w=="]}}',
    notANumber: "NaN",
  });
});

test("an attribute named __proto__ is an attribute", () => {
  const attributes = JSON.parse('{"__proto__": "x"}') as Record<string, AttributeValue>;
  const row = new RowEncoder().attributes("Attributes", attributes).done();
  expect(JSON.stringify(row["Attributes"])).toBe('{"__proto__":"x"}');
});

test("no row ever holds a lone surrogate, whatever goes in", () => {
  const text = fc.oneof(anyText, brokenText);
  const value = fc.letrec<{ value: AttributeValue }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      text,
      fc.double(),
      fc.bigInt(),
      fc.boolean(),
      fc.constant(null),
      fc.uint8Array(),
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(text, tie("value"), { maxKeys: 3 }),
    ),
  })).value;
  const given = fc.record({
    one: text,
    many: fc.array(text),
    attributes: fc.dictionary(text, value),
    anything: value,
  });
  fc.assert(
    fc.property(given, ({ one, many, attributes, anything }) => {
      const row = new RowEncoder()
        .text("One", one)
        .texts("Many", many)
        .attributes("Attributes", attributes)
        .json("Anything", anything)
        .done();
      const line = JSON.stringify(row);
      expect(line).not.toMatch(/(?<!\\)(?:\\\\)*\\ud[89a-f]/i);
      expect(line.isWellFormed()).toBe(true);
    }),
  );
});
