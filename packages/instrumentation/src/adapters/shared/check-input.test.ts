import { describe, expect, it } from "vitest";
import { z } from "zod";
import { inputCheck } from "./check-input.ts";

const zod = z.object({ order: z.coerce.number(), to: z.object({ name: z.string() }) });
/** As the AI SDK makes them from JSON schema. */
const ofSdk = {
  jsonSchema: {},
  validate: (input: unknown) =>
    (input as { order: unknown }).order === undefined
      ? { success: false as const, error: new Error("order is missing") }
      : { success: true as const, value: input },
};
/** Zod 3 before it knew Standard Schema. */
const zod3 = {
  safeParseAsync: async (input: unknown) =>
    input === "good"
      ? { success: true, data: "GOOD" }
      : { success: false, error: { issues: [{ message: "not good", path: ["a", 0] }] } },
};

describe("arguments", () => {
  it("are read by any schema library's own means, and the problems name their places", async () => {
    const check = inputCheck(zod);
    expect(await check?.({ order: "7", to: { name: "Ana" } })).toEqual({
      ok: true,
      value: { order: 7, to: { name: "Ana" } },
    });
    expect(await check?.({ order: 7, to: {} })).toMatchObject({
      ok: false,
      problems: expect.stringContaining("to.name: "),
    });
    expect(await inputCheck(zod3)?.("good")).toEqual({ ok: true, value: "GOOD" });
    expect(await inputCheck(zod3)?.("bad")).toEqual({ ok: false, problems: "a.0: not good" });
  });

  it.each([
    ["as it is", ofSdk],
    ["made when it is needed", () => ofSdk],
  ])("are read by a schema of the AI SDK %s", async (_, schema) => {
    expect(await inputCheck(schema)?.({ order: 1 })).toEqual({ ok: true, value: { order: 1 } });
    expect(await inputCheck(schema)?.({})).toEqual({ ok: false, problems: "order is missing" });
  });

  it.each([[undefined], [null], ["text"], [{ type: "object", properties: {} }]])(
    "are left to the framework where there is no schema that checks: %j",
    (schema) => {
      expect(inputCheck(schema)).toBeUndefined();
    },
  );
});
