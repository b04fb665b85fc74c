import canonicalize from "canonicalize";
import fc from "fast-check";
import { hash } from "node:crypto";
import { expect, test } from "vitest";
import { auditHash } from "./audit.ts";

const leaf = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
);
const member = fc.oneof(
  leaf,
  fc.array(leaf, { maxLength: 3 }),
  fc.dictionary(fc.string(), leaf, { maxKeys: 3 }),
);
const key = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom("1", "10", "2", "__proto__", "toJSON", "é"),
);

test("a part is hashed as its canonical JSON, whatever its members are", () => {
  fc.assert(
    fc.property(fc.dictionary(key, member), (part) => {
      expect(auditHash(part)).toBe(hash("sha256", canonicalize(part) ?? "", "hex"));
    }),
    { numRuns: 500 },
  );
});

test("a text that is no Unicode is refused, a text that speaks of one is not", () => {
  expect(() => auditHash({ text: "\ud800" })).toThrow("surrogate");
  expect(auditHash({ text: String.raw`\ud800` })).toHaveLength(64);
});
