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
  /** Id of the embedder, or `lexical`. */
  embedder: string;
}

export interface ModelForComparison {
  embedder: Embedder;
  /** Made for this embedder. */
  calibration: Calibration;
}

/** Opens the model when it is first needed; null where there is none. */
export type OpenModel = () => Promise<ModelForComparison | null>;

export interface TextComparerOptions {
  /** Null compares by entities and words alone. */
  openModel: OpenModel | null;
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

/** Vectors by a model, first of the text, then of those it is compared with. */
interface Embedded {
  calibration: Calibration;
  vectors: readonly Float32Array[];
}

function samenessOfTexts(texts: readonly string[], embedded: Embedded | null): number[] {
  const [first, ...others] = texts.map(comparableText);
  if (first === undefined) return [];
  const own = embedded?.vectors[0];
  return others.map((other, index) => {
    const vector = embedded?.vectors[index + 1];
    const cosine = own === undefined || vector === undefined ? null : dot(own, vector);
    return samenessOf(pairFactsOf(first, other), cosine, embedded?.calibration ?? lexicalCalibration);
  });
}

/** Whether texts say the same in other words: by entities, denial, words and, where there is one, a model's vectors. */
export class TextComparer {
  readonly #options: Required<TextComparerOptions>;
  readonly #vectors: VectorCache;
  #model: Promise<ModelForComparison | null> | undefined;
  #waiting = 0;

  constructor(options: TextComparerOptions) {
    this.#options = { ...defaults, ...options };
    this.#vectors = new VectorCache(this.#options.maxCacheBytes);
  }

  /** Always answers; without the model's help where that can't be had now. */
  async compare(text: string, others: readonly string[]): Promise<TextComparison> {
    const texts = [text, ...others];
    const byWords = (means: ComparisonMeans): TextComparison => ({
      sameness: samenessOfTexts(texts, null),
      means,
      embedder: lexicalCalibration.embedder,
    });
    if (this.#options.openModel === null) return byWords("lexical");
    if (this.#waiting >= this.#options.maxWaiting) return byWords("overflow");
    this.#waiting += 1;
    try {
      const embedded = await this.#inTime((signal) => this.#embedded(texts, signal));
      if (embedded === null) return byWords("lexical");
      const { embedder } = embedded.calibration;
      return { sameness: samenessOfTexts(texts, embedded), means: "embedded", embedder };
    } catch (error) {
      return byWords(error instanceof TimedOut ? "timeout" : "failed");
    } finally {
      this.#waiting -= 1;
    }
  }

  async close(): Promise<void> {
    const model = await this.#model?.catch(() => null);
    await model?.embedder.close();
  }

  async #embedded(texts: readonly string[], signal: AbortSignal): Promise<Embedded | null> {
    this.#model ??= this.#options.openModel?.() ?? Promise.resolve(null);
    const model = await this.#model;
    if (model === null) return null;
    return { calibration: model.calibration, vectors: await this.#vectorsOf(texts, model.embedder, signal) };
  }

  async #vectorsOf(
    texts: readonly string[],
    embedder: Embedder,
    signal: AbortSignal,
  ): Promise<readonly Float32Array[]> {
    const keyOf = (text: string): string =>
      createHash("sha256")
        .update(`${embedder.id}\n${maskVolatile(text)}`)
        .digest("base64");
    const keys = texts.map(keyOf);
    const known = new Map(keys.map((key) => [key, this.#vectors.get(key)]));
    const missing = [...new Set(keys)].filter((key) => known.get(key) === undefined);
    const missingTexts = missing.map((key) => texts[keys.indexOf(key)] ?? "");
    const vectors = missing.length === 0 ? [] : await embedder.embed(missingTexts, signal);
    missing.forEach((key, index) => {
      const vector = vectors[index];
      if (vector === undefined) return;
      this.#vectors.set(key, vector);
      known.set(key, vector);
    });
    return keys.flatMap((key) => known.get(key) ?? []);
  }

  /** @throws TimedOut when the work takes too long; it is told to stop then */
  async #inTime<Value>(work: (signal: AbortSignal) => Promise<Value>): Promise<Value> {
    const { clock, timeoutMs } = this.#options;
    const [answered, late] = [new AbortController(), new AbortController()];
    const timeout = clock.sleep(timeoutMs, answered.signal).then(
      () => Promise.reject(new TimedOut()),
      () => new Promise<never>(() => undefined),
    );
    const working = work(late.signal);
    // Whoever loses the race may still fail.
    working.catch(() => undefined);
    try {
      return await Promise.race([working, timeout]);
    } finally {
      answered.abort(new Error("answered"));
      late.abort(new TimedOut());
    }
  }
}
