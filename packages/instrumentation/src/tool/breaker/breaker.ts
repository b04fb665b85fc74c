import { messageOf } from "@plumbline/contracts";
import type { CircuitBreakerPolicy, IBackoffFactory } from "cockatiel";
import type { ToolOutcome } from "../tool-stage.ts";
import type { BreakerSettings } from "../tool-resilience.ts";
import { type Cockatiel, loadCockatiel } from "../load-cockatiel.ts";
import { BreakerOpenError, type BreakerRefusal } from "./breaker-open-error.ts";

/** Failures that say something about the dependency rather than about the call. */
const countsAgainstDependency = ({ failure }: ToolOutcome): boolean =>
  failure === "transient" || failure === "fatal";

const longestOpenFactor = 8;

/** One circuit breaker: closed, open for a while after failures in a row, then one call probes. */
class Breaker {
  private readonly policy: CircuitBreakerPolicy;
  private readonly settings: BreakerSettings;
  private openForMs = 0;
  private openUntilMs = 0;
  private lastError = "";

  constructor(cockatiel: Cockatiel, settings: BreakerSettings) {
    const { circuitBreaker, ConsecutiveBreaker, ExponentialBackoff, handleWhenResult } = cockatiel;
    const { failures, probeAfterMs } = settings;
    const steps = new ExponentialBackoff({
      initialDelay: probeAfterMs,
      maxDelay: probeAfterMs * longestOpenFactor,
      generator: cockatiel.halfJitterGenerator,
    });
    this.settings = settings;
    this.policy = circuitBreaker(
      handleWhenResult((outcome) => countsAgainstDependency(outcome as ToolOutcome)),
      { breaker: new ConsecutiveBreaker(failures), halfOpenAfter: this.watched(steps) },
    );
  }

  /** Why nothing is let through now; undefined while something is. */
  refusal(nowMs: number): BreakerRefusal | undefined {
    if (this.openUntilMs <= nowMs) return undefined;
    return { failures: this.settings.failures, untilMs: this.openUntilMs, lastError: this.lastError };
  }

  /** Makes one attempt; a refused one is an outcome like any other. */
  async attempt(nowMs: () => number, perform: () => Promise<ToolOutcome>): Promise<ToolOutcome> {
    let attempted = false;
    try {
      const outcome = await this.policy.execute(async () => {
        attempted = true;
        return perform();
      });
      this.took(outcome, nowMs());
      return outcome;
    } catch (thrown) {
      if (attempted) throw thrown;
      const { failures, probeAfterMs } = this.settings;
      const untilMs = Math.max(this.openUntilMs, nowMs() + probeAfterMs / 2);
      return refusedOutcome({ failures, untilMs, lastError: this.lastError }, nowMs());
    }
  }

  private took(outcome: ToolOutcome, nowMs: number): void {
    if (countsAgainstDependency(outcome)) this.lastError = messageOf(outcome.error);
    else this.openUntilMs = 0;
    if (this.openForMs === 0) return;
    this.openUntilMs = nowMs + this.openForMs;
    this.openForMs = 0;
  }

  /** The same steps, with a note of how long the breaker opens for. */
  private watched(steps: IBackoffFactory<unknown>): IBackoffFactory<unknown> {
    return {
      next: (context) => {
        const step = steps.next(context);
        this.openForMs = step.duration;
        return { duration: step.duration, ...this.watched(step) };
      },
    };
  }
}

export function refusedOutcome(refusal: BreakerRefusal, nowMs: number): ToolOutcome {
  const error = new BreakerOpenError(refusal, nowMs);
  return { text: `Error: ${error.message}`, error, failure: "transient" };
}

const maxBreakers = 10_000;

/** The circuit breakers of this process by what shares them. None exists before the first failure of its tool. */
export class ToolBreakers {
  private readonly breakers = new Map<string, Breaker>();
  private readonly nowMs: () => number;

  constructor(nowMs: () => number) {
    this.nowMs = nowMs;
  }

  /** Why calls of the key are refused now; undefined when they are not. */
  refusal(key: string): BreakerRefusal | undefined {
    return this.breakers.get(key)?.refusal(this.nowMs());
  }

  /** Makes one attempt, unless the breaker of the key refuses it. */
  async attempt(
    key: string,
    settings: BreakerSettings,
    perform: () => Promise<ToolOutcome>,
  ): Promise<ToolOutcome> {
    const known = this.breakers.get(key);
    if (known !== undefined) return known.attempt(this.nowMs, perform);
    const outcome = await perform();
    if (!countsAgainstDependency(outcome)) return outcome;
    const breaker = await this.breakerOf(key, settings);
    return breaker.attempt(this.nowMs, async () => outcome);
  }

  private async breakerOf(key: string, settings: BreakerSettings): Promise<Breaker> {
    const cockatiel = await loadCockatiel();
    const known = this.breakers.get(key) ?? new Breaker(cockatiel, settings);
    this.breakers.set(key, known);
    const [oldest] = this.breakers.keys();
    if (this.breakers.size > maxBreakers && oldest !== undefined) this.breakers.delete(oldest);
    return known;
  }
}
