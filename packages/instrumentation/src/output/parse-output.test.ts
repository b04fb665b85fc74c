import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { parseOutput } from "./parse-output.ts";

const invoice = z.object({ id: z.string(), total: z.number() });
const value = { id: "a", total: 3 };

describe("reading a model's answer", () => {
  it.each([
    ["JSON", '{"id":"a","total":3}', false],
    ["a fence around it", '```json\n{"id":"a","total":3}\n```', false],
    ["a sentence before and after it", 'Here you are: {"id":"a","total":3} Anything else?', false],
    ["single quotes and a trailing comma", "{'id':'a','total':3,}", true],
    ["a missing end", '{"id":"a","total":3', true],
    ["comments", '{"id":"a", // the id\n"total":3}', true],
  ])("takes %s, and says whether it had to mend it", async (_, raw, repaired) => {
    expect(await parseOutput(invoice, raw)).toEqual({ ok: true, value, raw, repaired });
  });

  it("says what does not fit, and keeps the answer", async () => {
    const raw = '{"id":7,"total":"x"}';
    const result = await parseOutput(invoice, raw);
    expect(result).toMatchObject({ ok: false, raw });
    expect(result.ok ? "" : result.problem).toMatch(/expected string[\s\S]*expected number/u);
    expect(await parseOutput(invoice, "I can't.")).toMatchObject({
      ok: false,
      problem: expect.stringContaining("holds no JSON"),
    });
  });

  it("takes plain text where the schema does", async () => {
    expect(await parseOutput(z.string(), "hello")).toMatchObject({ ok: true, value: "hello" });
  });

  it("reads back whatever JSON a model may write, and never throws", async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ maxDepth: 3 }), async (json) => {
        const result = await parseOutput(z.unknown(), JSON.stringify(json));
        expect(result).toMatchObject({ ok: true, repaired: false });
        expect(result.ok ? JSON.stringify(result.value) : "").toBe(JSON.stringify(json));
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "grapheme" }), async (raw) => {
        expect((await parseOutput(invoice, raw)).ok).toBe(false);
      }),
    );
  });
});
