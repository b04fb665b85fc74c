import { describe, expect, test } from "vitest";
import { times } from "../fixtures/scenarios.ts";
import { calibrate, type NeighbourPair } from "./calibrate.ts";
import { lexicalCalibration, miniLmCalibration, samenessOf } from "./calibration.ts";
import { comparableText, pairFactsOf } from "./pair-facts.ts";

const factsOf = (a: string, b: string) => pairFactsOf(comparableText(a), comparableText(b));
const same = factsOf("look up the refund rule", "find the rule on refunds");

describe("sameness", () => {
  test("falls with other entities, with a denial, and with other words", () => {
    const lexical = (a: string, b: string): number => samenessOf(factsOf(a, b), null, lexicalCalibration);
    const request = "look up the refund rule for damaged goods";
    const again = lexical(request, "look up the rule for refund of damaged goods");
    expect(again).toBeGreaterThan(0.6);
    expect(lexical(request, `${request} of order A-7731`)).toBeLessThan(again);
    expect(lexical(request, "the refund rule for damaged goods was not found")).toBeLessThan(again);
    expect(lexical(request, "write an e-mail to the landlord")).toBeLessThan(0.5);
  });

  test("grows with the cosine of the model it is calibrated for", () => {
    expect(samenessOf(same, 0.9, miniLmCalibration)).toBeGreaterThan(
      samenessOf(same, 0.2, miniLmCalibration),
    );
  });
});

const neighbours = (cosineOf: (index: number) => number): NeighbourPair[] =>
  times(400, (index) => ({ facts: same, cosine: cosineOf(index) }));

describe("calibration from own runs", () => {
  test("brings another model's cosines to the same verdicts", () => {
    const { mean, deviation } = miniLmCalibration.neighbours;
    const spread = (index: number): number => ((index % 20) - 9.5) / 5.77;
    const compressed = calibrate(
      neighbours((index) => 0.85 + 0.03 * spread(index)),
      {
        embedder: "openai:other",
        base: miniLmCalibration,
      },
    );
    const usual = calibrate(
      neighbours((index) => mean + deviation * spread(index)),
      {
        embedder: "openai:usual",
        base: miniLmCalibration,
      },
    );
    if (compressed === null || usual === null) throw new Error("too few pairs");
    expect(compressed.calibration.embedder).toBe("openai:other");
    expect(samenessOf(same, 0.85, compressed.calibration)).toBeCloseTo(
      samenessOf(same, mean, usual.calibration),
      2,
    );
  });

  test("lets at most two neighbours in five count as restated, and never gets laxer", () => {
    const strict = calibrate(
      neighbours((index) => 0.6 + index / 1000),
      { embedder: "e", base: miniLmCalibration },
    );
    expect(strict?.restatedNow).toBeLessThanOrEqual(0.4);
    const lax = calibrate(
      times(200, () => ({ facts: { ...same, overlap: 0 }, cosine: null })),
      { embedder: "lexical", base: lexicalCalibration },
    );
    expect(lax?.calibration.bias).toBe(lexicalCalibration.bias);
  });

  test("says nothing on few pairs", () => {
    expect(
      calibrate(neighbours(() => 0.5).slice(0, 99), { embedder: "e", base: miniLmCalibration }),
    ).toBeNull();
  });
});
