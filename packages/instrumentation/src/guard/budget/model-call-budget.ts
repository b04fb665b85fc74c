import type { Usage } from "@plumbline/contracts";
import type { RunRecord } from "../../run/run-record.ts";
import type { Runtime } from "../../runtime.ts";
import type { ProposedCall, Reservation } from "../guard.ts";
import { projectedCost } from "./budget-guard.ts";

const nothing: Reservation = { inputTokens: 0, outputTokens: 0, usd: 0 };

const negative = ({ inputTokens, outputTokens, usd }: Reservation): Reservation => ({
  inputTokens: -inputTokens,
  outputTokens: -outputTokens,
  usd: -usd,
});

/** What one model call takes out of the budgets of its run: reserved when it passes the gate, settled when it ends. */
export class ModelCallBudget {
  private readonly runtime: Runtime;
  private readonly run: RunRecord;
  private readonly model: string;
  private reserved = nothing;
  private isCounted = false;

  constructor(runtime: Runtime, run: RunRecord, model: string) {
    this.runtime = runtime;
    this.run = run;
    this.model = model;
  }

  /** The call as guards see it; passing counts it. */
  propose(request: {
    provider: string;
    inputTokens: number;
    maxOutputTokens: number | undefined;
  }): ProposedCall {
    const call = { kind: "model", model: this.model, ...request } as const;
    return { ...call, onPass: () => this.reserve(call) };
  }

  /** The call passed and was not made after all. */
  giveBack(): void {
    if (!this.isCounted) return;
    this.isCounted = false;
    this.runtime.count(this.run, { steps: -1, modelCalls: -1, reserved: this.release() });
  }

  /** The call has ended; null when nothing is known of what it used. */
  settle(usage: Usage | null): void {
    const reserved = this.release();
    if (usage === null) {
      this.runtime.count(this.run, { reserved });
      return;
    }
    const { inputTokens, outputTokens, cachedInputTokens } = usage;
    const usd = this.runtime.prices.priceOf(this.model, usage) ?? 0;
    this.runtime.count(this.run, { inputTokens, outputTokens, cachedInputTokens, usd, reserved });
  }

  private reserve(call: Extract<ProposedCall, { kind: "model" }>): void {
    this.isCounted = true;
    this.reserved = {
      inputTokens: call.inputTokens,
      outputTokens: call.maxOutputTokens ?? 0,
      usd: projectedCost(this.runtime.prices, call) ?? 0,
    };
    this.runtime.count(this.run, { steps: 1, modelCalls: 1, reserved: this.reserved });
  }

  private release(): Reservation {
    const { reserved } = this;
    this.reserved = nothing;
    return negative(reserved);
  }
}
