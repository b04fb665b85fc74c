import { createManualClock } from "@plumbline/contracts/testing";
import { type Embedder, RetryableError } from "@plumbline/contracts";
import { lexicalCalibration, miniLmCalibration } from "@plumbline/detection";
import { describe, expect, test } from "vitest";
import { TextComparer } from "./text-comparer.ts";
import { VectorCache } from "./vector-cache.ts";

/** Texts with the same first letter have the same vector, all others are at right angles to it. */
class LetterEmbedder implements Embedder {
  readonly id = "letters";
  readonly dimensions = 26;
  readonly asked: string[][] = [];

  embed(texts: readonly string[]): Promise<readonly Float32Array[]> {
    this.asked.push([...texts]);
    return Promise.resolve(
      texts.map((text) => {
        const vector = new Float32Array(26);
        vector[text.charCodeAt(0) % 26] = 1;
        return vector;
      }),
    );
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const comparerOf = (embedder: Embedder, maxWaiting = 8): TextComparer =>
  new TextComparer({
    openModel: () =>
      Promise.resolve({ embedder, calibration: { ...miniLmCalibration, embedder: embedder.id } }),
    clock: createManualClock(),
    maxWaiting,
    timeoutMs: 1_000,
  });

const silent: Embedder = {
  id: "silent",
  dimensions: 2,
  embed: () => new Promise(() => undefined),
  close: () => Promise.resolve(),
};

describe("comparing texts", () => {
  test("vectors tell the same thing in other words", async () => {
    const comparer = comparerOf(new LetterEmbedder());
    const { sameness, means, embedder } = await comparer.compare("refund rule", [
      "reimbursement policy",
      "weather",
    ]);
    expect([means, embedder]).toEqual(["embedded", "letters"]);
    expect(sameness[0]).toBeGreaterThan((sameness[1] ?? 1) + 0.3);
  });

  test("a text is embedded once, its volatile parts aside", async () => {
    const embedder = new LetterEmbedder();
    const comparer = comparerOf(embedder);
    await comparer.compare("alpha", ["beta", "gamma"]);
    await comparer.compare("alpha", ["beta", "delta"]);
    expect(embedder.asked).toEqual([["alpha", "beta", "gamma"], ["delta"]]);
  });

  test("without a model, entities and words decide", async () => {
    const comparer = new TextComparer({ openModel: null, clock: createManualClock() });
    const { sameness, means, embedder } = await comparer.compare("find order A-1043 again", [
      "find order A-1043 once more",
      "find order B-2044 again",
    ]);
    expect([means, embedder]).toEqual(["lexical", lexicalCalibration.embedder]);
    expect(sameness[0]).toBeGreaterThan(sameness[1] ?? 1);
  });

  test("a model that does not answer in time leaves it to the words", async () => {
    const clock = createManualClock();
    const comparer = new TextComparer({
      openModel: () => Promise.resolve({ embedder: silent, calibration: miniLmCalibration }),
      clock,
      timeoutMs: 1_000,
    });
    const answer = comparer.compare("one", ["two"]);
    await clock.advance(1_000);
    expect(await answer).toMatchObject({ means: "timeout", embedder: "lexical" });
  });

  test("a model that fails leaves it to the words", async () => {
    const failing: Embedder = {
      ...silent,
      embed: () => Promise.reject(new RetryableError("down", { code: "EMBEDDER_FAILED" })),
    };
    expect(await comparerOf(failing).compare("one", ["two"])).toMatchObject({ means: "failed" });
  });

  test("what finds the queue full is not queued", async () => {
    const comparer = comparerOf(silent, 2);
    void comparer.compare("one", ["two"]);
    void comparer.compare("three", ["four"]);
    expect(await comparer.compare("five", ["six"])).toMatchObject({ means: "overflow" });
  });
});

describe("the cache of vectors", () => {
  test("keeps to its bytes and lets go of what was used longest ago", () => {
    const cache = new VectorCache(3 * 40);
    const vector = new Float32Array(10);
    for (const key of ["a", "b", "c"]) cache.set(key, vector);
    cache.get("a");
    cache.set("d", vector);
    expect(["a", "b", "c", "d"].filter((key) => cache.get(key) !== undefined)).toEqual(["a", "c", "d"]);
  });
});
