import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { commonPrefix, jsonListWithin, PromptEncoder } from "./prompt-encoder.ts";
import { createContentPolicy } from "./redact/content-policy.ts";

const toMessage = (raw: unknown) => ({
  role: "user",
  parts: [{ type: "text", content: String((raw as { content: unknown }).content) }],
});

describe("the prompt encoder", () => {
  const encoder = new PromptEncoder(
    createContentPolicy({
      content: "redacted",
      redactor: undefined,
      redact: (text) => text.replaceAll("a@b.com", "[email]"),
    }),
  );

  it("encodes a message object once, and again when its content changed", () => {
    const raw = { role: "user", content: "one" };
    const first = encoder.encode(raw, toMessage);
    expect(encoder.encode(raw, toMessage)).toBe(first);
    raw.content = "two";
    expect(encoder.encode(raw, toMessage).json).toContain("two");
  });

  it("redacts what it encodes", () => {
    expect(encoder.encode({ content: "a@b.com" }, toMessage).json).toContain("[email]");
  });
});

describe("the part that two prompts share", () => {
  it("is the longest common beginning", () => {
    expect(commonPrefix([], ["a"])).toBe(0);
    expect(commonPrefix(["a", "b"], ["a", "b", "c"])).toBe(2);
    expect(commonPrefix(["a", "x"], ["a", "b"])).toBe(1);
  });
});

describe("a list within bounds", () => {
  it("keeps the newest that fit and stays valid JSON", () => {
    expect(jsonListWithin(['"a"', '"b"', '"c"'], 100)).toBe('["a","b","c"]');
    expect(jsonListWithin(['"aaaaaaaa"', '"b"'], 8)).toBe('["b"]');
    expect(jsonListWithin(['"aaaaaaaa"'], 8)).toBe("[]");
    fc.assert(
      fc.property(fc.array(fc.string()), fc.integer({ min: 2, max: 200 }), (texts, most) => {
        const list = jsonListWithin(
          texts.map((text) => JSON.stringify(text)),
          most,
        );
        expect(list.length).toBeLessThanOrEqual(most);
        const kept = JSON.parse(list) as string[];
        expect(kept).toEqual(texts.slice(texts.length - kept.length));
      }),
    );
  });
});
