import type { Bus } from "@plumbline/bus";
import {
  type Clock,
  type Finding,
  type JudgementRecord,
  messageOf,
  runKey,
  topic,
} from "@plumbline/contracts";
import type { Effects } from "../runs/effects.ts";
import { JudgeBudget, type JudgeLimits, type JudgePrice } from "./judge-budget.ts";
import type { Judged, ModelJudge } from "./model-judge.ts";

/*
 * Owns: which findings a model is asked about, and writing down what it said.
 * Does not own: what follows from it (detection), nor the model (model-judge).
 * An answer is a record of the observations log, like time: a replay finds it and asks nobody. No answer in time is no
 * answer: the ladder goes on as without a judge.
 */

/** Where a model is asked, and what that may cost. */
export interface JudgeOptions {
  judge: ModelJudge;
  limits: JudgeLimits;
  price: JudgePrice;
  timeoutMs: number;
  /** Why a finding has no judgement: the budget, the endpoint, or an answer that proves nothing. */
  onUnanswered: (reason: string) => void;
}

export interface JudgesOptions extends JudgeOptions {
  bus: Pick<Bus, "publish">;
  clock: Clock;
}

const asksFor: ReadonlySet<Finding["kind"]> = new Set(["semantic-loop", "no-progress", "retry-storm"]);
const maxAsked = 10_000;
const encoder = new TextEncoder();

/** A finding that the ladder may take to a pause, and has not yet. */
const isOpen = ({ kind, intervention }: Finding): boolean =>
  asksFor.has(kind) && (intervention === "observe" || intervention === "nudge");

export class Judges {
  readonly #options: JudgesOptions;
  readonly #budget: JudgeBudget;
  readonly #asked = new Set<string>();
  readonly #open = new Set<Promise<void>>();
  readonly #closing = new AbortController();

  constructor(options: JudgesOptions) {
    this.#options = options;
    this.#budget = new JudgeBudget(options.limits, options.price);
  }

  /** Returns at once. */
  take({ findings }: Pick<Effects, "findings">): void {
    for (const finding of findings) {
      const key = `${runKey(finding.tenantId, finding.runId)}\n${finding.findingId}`;
      if (!isOpen(finding) || this.#asked.has(key)) continue;
      if (this.#asked.size >= maxAsked) this.#asked.clear();
      this.#asked.add(key);
      const answer = this.#ask(finding).finally(() => this.#open.delete(answer));
      this.#open.add(answer);
    }
  }

  /** Gives up what is being asked. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#open);
  }

  async #ask(finding: Finding): Promise<void> {
    const { judge, clock, timeoutMs, onUnanswered } = this.#options;
    const run = runKey(finding.tenantId, finding.runId);
    if (!this.#budget.take(run, judge.mostOf(finding), clock.nowMs())) {
      onUnanswered("the budget is used up");
      return;
    }
    try {
      const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(timeoutMs)]);
      await this.#write(finding, await judge.judge(finding, signal));
    } catch (error) {
      if (!this.#closing.signal.aborted) onUnanswered(messageOf(error));
    }
  }

  /** A verdict counts with a step of the evidence behind it. */
  async #write(finding: Finding, { answer, inputTokens, outputTokens }: Judged): Promise<void> {
    const { judge, bus, clock, onUnanswered } = this.#options;
    const { verdict, citedSteps, reason } = answer;
    const cited = finding.evidence.filter(({ sequence }) => citedSteps.includes(sequence));
    if (verdict === "unsure" || cited.length === 0) {
      onUnanswered(
        verdict === "unsure" ? "the model is not sure" : "the verdict cites no step of the evidence",
      );
      return;
    }
    const { tenantId, runId, findingId } = finding;
    const record: JudgementRecord = {
      version: 1,
      kind: "judgement",
      tenantId,
      runId,
      findingId,
      verdict,
      reason,
      inputTokens,
      outputTokens,
      citedStepIds: cited.map(({ stepId }) => stepId),
      model: judge.model,
      atMs: clock.nowMs(),
    };
    const value = encoder.encode(JSON.stringify(record));
    await bus.publish(topic.observations, [{ key: runKey(tenantId, runId), value }]);
  }
}
