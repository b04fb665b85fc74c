import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatCursor, isWithin, parseCursor, setIdOf } from "./stream-cursor.ts";

describe("a stream cursor", () => {
  it("comes back as it was", () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.array(fc.nat()), (keys, nextOffsets) => {
        const cursor = { setId: setIdOf(keys), nextOffsets };
        expect(parseCursor(formatCursor(cursor))).toEqual(cursor);
      }),
    );
  });

  it.each([
    undefined,
    "",
    "7",
    "x.y",
    "0123456789abcdef",
    "0123456789abcdef.1--2",
    "0123456789abcdef.zzzzzzzzzzzzzzzz",
  ])("is none in %s", (text) => {
    expect(parseCursor(text)).toBeUndefined();
  });

  it("does not depend on the order of the runs", () => {
    expect(setIdOf(["a", "b"])).toBe(setIdOf(["b", "a"]));
    expect(setIdOf(["a,b"])).not.toBe(setIdOf(["a", "b"]));
  });

  it("from the future belongs to another state", () => {
    const cursor = { setId: "", nextOffsets: [3, 5] };
    expect(isWithin(cursor, [3, 5, 1])).toBe(true);
    expect(isWithin(cursor, [3, 4])).toBe(false);
    expect(isWithin(cursor, [3])).toBe(false);
  });
});
