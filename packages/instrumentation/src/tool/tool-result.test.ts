import { describe, expect, it } from "vitest";
import { failed, resultText } from "./tool-result.ts";

describe("a tool's result", () => {
  it.each([
    ["text", "text"],
    [{ a: [1, null] }, '{"a":[1,null]}'],
    [undefined, "null"],
    [12n, '"12"'],
    [Symbol("s"), "symbol"],
  ])("becomes text", (result, text) => {
    expect(resultText(result)).toBe(text);
  });

  it("has its cycles cut, and nothing that merely comes twice", () => {
    const shared = { x: 1 };
    const ring: Record<string, unknown> = { first: shared, second: shared };
    ring["self"] = ring;
    expect(resultText(ring)).toBe('{"first":{"x":1},"second":{"x":1},"self":"[circular]"}');
  });

  it("says so when it can't be turned into text, and is cut when it is too long", () => {
    const nasty = {
      toJSON: () => {
        throw new Error("no");
      },
    };
    expect(resultText(nasty)).toContain("can't be turned into text: no");
    expect(resultText("x".repeat(300_000)).length).toBeLessThan(263_000);
  });

  it("reads as an error when something was thrown, an Error or not", () => {
    expect(failed(new Error("gone")).text).toBe("Error: gone");
    expect(failed("a string").text).toBe("Error: a string");
    expect(failed({ code: 1 }).text).toBe('Error: {"code":1}');
  });
});
