import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalArguments } from "./canonical-arguments.ts";
import { maskVolatile } from "./mask-volatile.ts";

describe("volatile parts", () => {
  test.each([
    ["timestamps", "done at 2026-03-01T10:00:07Z", "done at 2026-04-09T23:59:59.123+02:00"],
    ["clock times", "[10:00:07] none", "[11:12:13.5] none"],
    ["uuids", "id 0af76519-16cd-43dd-8448-eb211c80319c", "id 11111111-2222-3333-4444-555555555555"],
    ["request ids", "req_8fk2l1mz99 empty", "req_1a2b3c4d5e empty"],
    ["durations", "2 rows in 0.34 s", "2 rows in 12.01 s"],
    ["epochs", "at 1750000000", "at 1760000000123"],
    ["addresses", "<obj at 0x7f3a9c00>", "<obj at 0x7ffff012>"],
    ["process ids", "worker pid=41 up", "worker pid=97 up"],
  ])("%s mask to the same text", (_name, a, b) => {
    expect(maskVolatile(a)).toBe(maskVolatile(b));
  });

  test("what tells items apart stays", () => {
    for (const [a, b] of [
      ["order 1042", "order 1043"],
      ["42 %", "43 %"],
      ["page 3 of 9", "page 4 of 9"],
      ["2026-03-01", "2026-03-02"],
      ["$3.18", "$3.19"],
    ]) {
      expect(maskVolatile(a ?? "")).not.toBe(maskVolatile(b ?? ""));
    }
  });
});

describe("arguments", () => {
  test("key order, spacing, absent optionals, number form and volatile fields don't matter", () => {
    const a = canonicalArguments('{"b":"x  y","a":1,"c":null,"request_id":"r1"}');
    expect(a).toEqual(canonicalArguments('{"a":"1","b":"x y","timestamp":"2026","requestId":"zz"}'));
  });

  test("a description beside a command is no part of what the call does", () => {
    const a = canonicalArguments('{"command":"ls","description":"look"}');
    expect(a.core).toBe(canonicalArguments('{"command":"ls","description":"list files"}').core);
    expect(a.core).not.toBe(canonicalArguments('{"command":"pwd"}').core);
  });

  test("a call that is nothing but a description keeps it", () => {
    expect(canonicalArguments('{"description":"a"}').core).not.toBe(
      canonicalArguments('{"description":"b"}').core,
    );
  });

  test("any JSON object is read the same whatever the order of its keys", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).toReversed());
        expect(canonicalArguments(JSON.stringify(reversed)).core).toBe(
          canonicalArguments(JSON.stringify(value)).core,
        );
      }),
    );
  });

  test("any text is accepted", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(typeof canonicalArguments(text).core).toBe("string");
      }),
    );
  });
});
