import { createHash } from "node:crypto";
import type { Clock, Embedder } from "@plumbline/contracts";
import {
  type Calibration,
  comparableText,
  lexicalCalibration,
  maskVolatile,
  pairFactsOf,
  samenessOf,
} from "@plumbline/detection";
import { VectorCache } from "./vector-cache.ts";

/**
 * How a comparison was made: `lexical` without an embedder, `embedded` with the model, or by words alone although there
 * is one, because too many were waiting (`overflow`), it took too long (`timeout`) or it failed.
 */
export type ComparisonMeans = "lexical" | "embedded" | "overflow" | "timeout" | "failed";

export interface TextComparison {
  /** How far the text says the same as each of the others, 0…1. */
  sameness: number[];
  means: ComparisonMeans;
}

export interface ModelForComparison {
  embedder: Embedder;
  /** Made for this embedder. */
  calibration: Calibration;
}

export interface TextComparerOptions {
  /** Null compares by entities and words alone. */
  model: ModelForComparison | null;
  clock: Clock;
  /** Comparisons that may wait for the model at a time. */
  maxWaiting?: number;
  timeoutMs?: number;
  /** Memory for the vectors of texts read lately. */
  maxCacheBytes?: number;
}

const defaults = { maxWaiting: 256, timeoutMs: 2_000, maxCacheBytes: 64 * 1024 * 1024 } as const;

const dot = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);

class TimedOut extends Error {}

/** Whether texts say the same in other words: by entities, denial, words and, where there is one, a model's vectors. */
export class TextComparer {
  readonly #options: Required<TextComparerOptions>;
  readonly #vectors: VectorCache;
  #waiting = 0;

  constructor(options: TextComparerOptions) {
    this.#options = { ...defaults, ...options };
    this.#vectors = new VectorCache(this.#options.maxCacheBytes);
  }

  /** Always answers; without the model's help where that can't be had now. */
  async compare(text: string, others: readonly string[]): Promise<TextComparison> {
    const { model, maxWaiting } = this.#options;
    if (model === null) return { sameness: this.#sameness([text, ...others], null), means: "lexical" };
    if (this.#waiting >= maxWaiting)
      return { sameness: this.#sameness([text, ...others], null), means: "overflow" };
    this.#waiting += 1;
    try {
      const vectors = await this.#vectorsOf([text, ...others], model);
      return { sameness: this.#sameness([text, ...others], vectors), means: "embedded" };
    } catch (error) {
      const means = error instanceof TimedOut ? "timeout" : "failed";
      return { sameness: this.#sameness([text, ...others], null), means };
    } finally {
      this.#waiting -= 1;
    }
  }

  #sameness(texts: readonly string[], vectors: readonly Float32Array[] | null): number[] {
    const [first, ...others] = texts.map(comparableText);
    const calibration = vectors === null ? lexicalCalibration : this.#options.model?.calibration;
    if (first === undefined || calibration === undefined) return [];
    return others.map((other, index) => {
      const [own, vector] = [vectors?.[0], vectors?.[index + 1]];
      const cosine = own === undefined || vector === undefined ? null : dot(own, vector);
      return samenessOf(pairFactsOf(first, other), cosine, calibration);
    });
  }

  async #vectorsOf(texts: readonly string[], { embedder }: ModelForComparison): Promise<Float32Array[]> {
    const keyOf = (text: string): string =>
      createHash("sha256")
        .update(`${embedder.id}\n${maskVolatile(text)}`)
        .digest("base64");
    const keys = texts.map(keyOf);
    const known = new Map(keys.map((key) => [key, this.#vectors.get(key)]));
    const missing = [...new Set(keys)].filter((key) => known.get(key) === undefined);
    const vectors =
      missing.length === 0
        ? []
        : await this.#embed(
            missing.map((key) => texts[keys.indexOf(key)] ?? ""),
            embedder,
          );
    missing.forEach((key, index) => {
      const vector = vectors[index];
      if (vector === undefined) return;
      this.#vectors.set(key, vector);
      known.set(key, vector);
    });
    return keys.flatMap((key) => known.get(key) ?? []);
  }

  async #embed(texts: readonly string[], embedder: Embedder): Promise<readonly Float32Array[]> {
    const { clock, timeoutMs } = this.#options;
    const waiting = new AbortController();
    const timeout = clock.sleep(timeoutMs, waiting.signal).then(
      () => Promise.reject(new TimedOut()),
      () => new Promise<never>(() => undefined),
    );
    const request = new AbortController();
    try {
      return await Promise.race([embedder.embed(texts, request.signal), timeout]);
    } finally {
      waiting.abort(new Error("answered"));
      request.abort(new TimedOut());
    }
  }
}
