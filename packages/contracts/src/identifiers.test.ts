import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { derivedId, idSchema, parseRunKey, runKey, tenantIdSchema, timeMsSchema } from "./identifiers.ts";

const parts = fc.array(fc.string({ unit: fc.constantFrom("a", "1", ":", "é"), maxLength: 4 }), {
  maxLength: 5,
});

describe("derived ids", () => {
  test("parts that read the same when joined give different ids", () => {
    expect(derivedId("x", ["ab", "c"])).not.toBe(derivedId("x", ["a", "bc"]));
    expect(derivedId("x", ["a", ""])).not.toBe(derivedId("x", ["a"]));
    expect(derivedId("x", ["1:a"])).not.toBe(derivedId("x", ["1", "a"]));
  });

  test("equal ids mean equal parts", () => {
    fc.assert(
      fc.property(parts, parts, (one, other) => {
        const isSame = JSON.stringify(one) === JSON.stringify(other);
        expect(derivedId("x", one) === derivedId("x", other)).toBe(isSame);
      }),
      { numRuns: 500 },
    );
  });

  test("they are ids, carry their prefix and have one length", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.integer())), (any) => {
        const id = derivedId("f", any);
        expect(idSchema.safeParse(id).success).toBe(true);
        expect(id).toMatch(/^f-[0-9a-z]{16}$/);
      }),
    );
  });

  test("the id of given parts never changes", () => {
    expect(derivedId("f", ["acme", "run-1", "exact-loop", "search", 3])).toBe("f-0ffk9f4vhxcpxkzz");
  });
});

describe("run keys", () => {
  test("tenant and run id come back, also when the run id holds a slash", () => {
    const tenant = fc.stringMatching(/^[A-Za-z0-9._-]{0,64}$/);
    fc.assert(
      fc.property(tenant, fc.string({ minLength: 1 }), (tenantId, runId) => {
        expect(parseRunKey(runKey(tenantId, runId))).toEqual({ tenantId, runId });
      }),
    );
  });

  test("a key without a slash is a run of the default tenant", () => {
    expect(parseRunKey("run-1")).toEqual({ tenantId: "", runId: "run-1" });
  });
});

describe("schemas", () => {
  test.each(["", "a b", "a\tb", "a\u0000", "a".repeat(257)])("%j is no id", (id) => {
    expect(idSchema.safeParse(id).success).toBe(false);
  });

  test.each(["r-7f3a", "a".repeat(256), "läufer/1", "0af7.b7ad.call_1"])("%j is an id", (id) => {
    expect(idSchema.safeParse(id).success).toBe(true);
  });

  test("a tenant id holds no slash, so that it can't reach into a run id", () => {
    expect(tenantIdSchema.safeParse("acme/run").success).toBe(false);
    expect(tenantIdSchema.safeParse("").success).toBe(true);
  });

  test("a time is finite and not before the epoch", () => {
    for (const atMs of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(timeMsSchema.safeParse(atMs).success).toBe(false);
    }
    expect(timeMsSchema.safeParse(1_750_000_000_000.123).success).toBe(true);
  });
});
