import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSourceWatermarks } from "./source-watermarks.ts";

const at = (offset: number) => ({ topic: "otlp_spans", partition: 0, offset, index: 0 });

describe("source watermarks", () => {
  it("take an observation once, however often it is published", () => {
    const watermarks = createSourceWatermarks();
    expect([watermarks.isNew("a", at(1)), watermarks.isNew("a", at(1))]).toEqual([true, false]);
  });

  it("remember nothing below the floor and still refuse it", () => {
    const watermarks = createSourceWatermarks();
    watermarks.isNew("a", at(1));
    watermarks.raise(at(1), 2);
    expect(watermarks.snapshot()["otlp_spans:0"]?.seen).toEqual({});
    expect(watermarks.isNew("a", at(1))).toBe(false);
  });

  it("give every published observation exactly once, with replays, a zombie, and a restart in between", () => {
    // A producer publishes offsets in order, restarts now and then at its committed offset, and says what is complete.
    const plan = fc.array(
      fc.record({ length: fc.integer({ min: 1, max: 6 }), back: fc.nat(8), restart: fc.boolean() }),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(plan, (rounds) => {
        let watermarks = createSourceWatermarks();
        const taken: number[] = [];
        let highest = 0;
        let next = 0;
        for (const { length, back, restart } of rounds) {
          next = Math.max(0, Math.min(next, highest) - back);
          for (let step = 0; step < length; step += 1) {
            const offset = next + step;
            if (watermarks.isNew(`o${String(offset)}`, at(offset))) taken.push(offset);
            watermarks.raise(at(offset), offset);
            highest = Math.max(highest, offset + 1);
          }
          next += length;
          if (restart)
            watermarks = createSourceWatermarks(JSON.parse(JSON.stringify(watermarks.snapshot())) as never);
        }
        expect(taken).toEqual(Array.from({ length: highest }, (_unused, offset) => offset));
      }),
    );
  });
});
