import type { IBackoff } from "cockatiel";
import { breakerKeyOf } from "../breaker/breaker-key.ts";
import { BreakerOpenError } from "../breaker/breaker-open-error.ts";
import { type Cockatiel, loadCockatiel } from "../load-cockatiel.ts";
import { takeRetry } from "../retry-budget.ts";
import { retryAfterMsOf } from "../failure/classify-failure.ts";
import { Cancellation } from "../cancellation.ts";
import { callContext } from "../call-context.ts";
import { failed } from "../tool-result.ts";
import type { RegisteredTool } from "../tool.ts";
import type { NextToolStage, ToolCallUnderWay, ToolOutcome, ToolStage } from "../tool-stage.ts";

/** One call of a tool with its retries. */
class RetriedCall {
  private readonly call: ToolCallUnderWay;
  private readonly tool: RegisteredTool;
  private readonly next: NextToolStage;
  private input: unknown;
  private attempts = 0;
  private retryAfterMs: number | undefined;
  /** Set when a retry was due and no budget was left for it. */
  private limit: ToolOutcome | undefined;

  constructor(call: ToolCallUnderWay, tool: RegisteredTool, next: NextToolStage) {
    this.call = call;
    this.tool = tool;
    this.next = next;
    this.input = call.input;
  }

  async run(): Promise<ToolOutcome> {
    const first = await this.attempt();
    if (!this.takesRetry(first)) return this.told(first);
    const cockatiel = await loadCockatiel();
    let isFirst = true;
    const { attempts } = this.tool.resilience;
    const decide = (outcome: unknown): boolean =>
      outcome === first || this.takesRetry(outcome as ToolOutcome);
    const policy = cockatiel.retry(cockatiel.handleWhenResult(decide), {
      maxAttempts: attempts - 1,
      backoff: { next: () => this.waits(cockatiel) },
    });
    const outcome = policy.execute(async () => {
      if (!isFirst) return this.tryAgain();
      isFirst = false;
      return first;
    });
    return this.told(await this.untilStopped(outcome));
  }

  /** Whether an outcome calls for another attempt, which is taken out of the budgets then. */
  private takesRetry(outcome: ToolOutcome): boolean {
    const { call, tool } = this;
    if (!this.callsForRetry(outcome)) return false;
    const { maxRetriesPerRun: perRun, maxRetriesPerTool: perTool } = call.runtime.settings;
    const limit = takeRetry(call.run, tool.name, { perRun, perTool });
    if (limit !== undefined) this.limit = failed(limit);
    return limit === undefined;
  }

  private callsForRetry({ error, failure }: ToolOutcome): boolean {
    const { attempts, refresh, maxDelayMs } = this.tool.resilience;
    if (this.attempts >= attempts || this.call.cancellation.reason !== undefined) return false;
    if (error instanceof BreakerOpenError) return false;
    this.retryAfterMs = retryAfterMsOf(error, this.call.runtime.clock.nowMs());
    if ((this.retryAfterMs ?? 0) > maxDelayMs) return false;
    return failure === "transient" || (failure === "stale_data" && refresh !== undefined);
  }

  private async tryAgain(): Promise<ToolOutcome> {
    const { call, tool } = this;
    const { cancellation } = call;
    if (cancellation.reason !== undefined) throw cancellation.reason;
    await call.runtime.gate.passAgain(call.run, cancellation.signal);
    try {
      this.input = (await tool.resilience.refresh?.(this.input, callContext(call))) ?? this.input;
    } catch (thrown) {
      return failed(thrown, tool.resilience.classify(thrown));
    }
    return this.attempt();
  }

  private async attempt(): Promise<ToolOutcome> {
    const { call, tool, input } = this;
    this.attempts += 1;
    call.learned.attempts = this.attempts;
    const cancellation = new Cancellation();
    const outer = call.cancellation;
    if (outer.reason !== undefined) cancellation.abort(outer.reason);
    const stopListening = outer.onAbort((reason) => cancellation.abort(reason));
    const once = (): Promise<ToolOutcome> => this.next({ ...call, input, cancellation });
    const key = breakerKeyOf(call);
    const { breaker } = tool.resilience;
    try {
      if (key === undefined || breaker === null) return await once();
      return await call.runtime.breakers.attempt(key, breaker, once);
    } finally {
      stopListening();
    }
  }

  /** Exponential with jitter, and at least as long as the other side asked for. */
  private waits({ ExponentialBackoff }: Cockatiel): IBackoff<unknown> {
    const { firstDelayMs: initialDelay, maxDelayMs: maxDelay } = this.tool.resilience;
    const from = (step: IBackoff<unknown>): IBackoff<unknown> => ({
      duration: Math.max(step.duration, this.retryAfterMs ?? 0),
      next: () => from(step.next(undefined)),
    });
    return from(new ExponentialBackoff({ initialDelay, maxDelay }).next());
  }

  /** A run that is stopped does not wait for its next attempt. */
  private untilStopped(outcome: Promise<ToolOutcome>): Promise<ToolOutcome> {
    const { cancellation } = this.call;
    return new Promise((resolve, reject) => {
      const stopListening = cancellation.onAbort(reject);
      outcome.then(resolve, reject).finally(stopListening);
    });
  }

  private told(outcome: ToolOutcome): ToolOutcome {
    if (this.limit !== undefined) return this.limit;
    return this.attempts === 1 || outcome.error === undefined
      ? outcome
      : { ...outcome, text: `${outcome.text}\nIt was tried ${String(this.attempts)} times.` };
  }
}

/** Tries a call again where its failure is one that may pass, under the same idempotency key. */
export const retryCall: ToolStage = (call, next) =>
  call.tool === undefined ? next(call) : new RetriedCall(call, call.tool, next).run();
