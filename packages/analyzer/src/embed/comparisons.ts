import type { Bus } from "@plumbline/bus";
import { type Clock, runKey, type SimilarityRecord, type Step, topic } from "@plumbline/contracts";
import { requestOfStep } from "@plumbline/detection";
import type { AnalyzerMetrics } from "../metrics.ts";
import type { Effects, RunComparison } from "../runs/effects.ts";
import type { TextComparer } from "./text-comparer.ts";

/*
 * Owns: the texts of recent requests, and answering what detection asks about them.
 * An answer is a record of the observations log, like time: a replay finds the same answers at the same places. What a
 * crash or a full memory loses is only ever the answer, never a step.
 */

const maxTextChars = 4_000;
const encoder = new TextEncoder();

export interface ComparisonsOptions {
  bus: Pick<Bus, "publish">;
  clock: Clock;
  comparer: TextComparer;
  metrics: Pick<AnalyzerMetrics, "compared">;
  /** Memory for the texts of recent requests. */
  maxTextBytes?: number;
}

const keyOf = (tenantId: string, runId: string, stepId: string): string => `${tenantId}\n${runId}\n${stepId}`;

/** Texts by step, bounded; the oldest go first. */
class RecentTexts {
  readonly #texts = new Map<string, string>();
  readonly #maxChars: number;
  #chars = 0;

  constructor(maxChars: number) {
    this.#maxChars = maxChars;
  }

  get(key: string): string | undefined {
    return this.#texts.get(key);
  }

  set(key: string, text: string): void {
    this.#chars += text.length - (this.#texts.get(key)?.length ?? 0);
    this.#texts.delete(key);
    this.#texts.set(key, text);
    for (const [oldest, { length }] of this.#texts) {
      if (this.#chars <= this.#maxChars) return;
      this.#texts.delete(oldest);
      this.#chars -= length;
    }
  }
}

/** Answers the comparisons that follow from records, and appends the answers to the log. */
export class Comparisons {
  readonly #options: ComparisonsOptions;
  readonly #texts: RecentTexts;
  readonly #open = new Set<Promise<void>>();

  constructor(options: ComparisonsOptions) {
    this.#options = options;
    this.#texts = new RecentTexts((options.maxTextBytes ?? 32 * 1024 * 1024) / 2);
  }

  /** Returns at once. */
  take({ steps, comparisons }: Pick<Effects, "steps" | "comparisons">): void {
    for (const step of steps) this.#remember(step);
    for (const comparison of comparisons) {
      const answer = this.#answer(comparison).finally(() => this.#open.delete(answer));
      this.#open.add(answer);
    }
  }

  /** Waits for what is being compared. */
  async close(): Promise<void> {
    await Promise.all(this.#open);
    await this.#options.comparer.close();
  }

  #remember(step: Step): void {
    const text = requestOfStep(step);
    if (text !== null)
      this.#texts.set(keyOf(step.tenantId, step.runId, step.stepId), text.slice(0, maxTextChars));
  }

  async #answer({ tenantId, runId, comparison }: RunComparison): Promise<void> {
    const { bus, clock, comparer, metrics } = this.#options;
    const textOf = (stepId: string): string | undefined => this.#texts.get(keyOf(tenantId, runId, stepId));
    const text = textOf(comparison.stepId);
    const others = comparison.against.flatMap((stepId) => textOf(stepId) ?? []);
    if (text === undefined || others.length === 0) return;
    const { sameness, means, embedder } = await comparer.compare(text, others);
    metrics.compared(means);
    const record: SimilarityRecord = {
      version: 1,
      kind: "similarity",
      tenantId,
      runId,
      stepId: comparison.stepId,
      sameness,
      embedder,
      degraded: means !== "embedded" && means !== "lexical",
      atMs: clock.nowMs(),
    };
    const value = encoder.encode(JSON.stringify(record));
    // An answer that can't be written is as one that was never given.
    await bus.publish(topic.observations, [{ key: runKey(tenantId, runId), value }]).catch(() => undefined);
  }
}
