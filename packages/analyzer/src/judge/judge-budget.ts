/** What asking may cost. */
export interface JudgeLimits {
  /** Questions about one run. */
  questionsPerRun: number;
  tokensPerHour: number;
  usdPerHour: number;
}

export interface JudgePrice {
  inputUsdPerMillion: number;
  outputUsdPerMillion: number;
}

export interface JudgeUsage {
  inputTokens: number;
  outputTokens: number;
}

const hourMs = 3_600_000;
const maxRuns = 10_000;

/** Counts questions per run, and tokens and money within the last hour. What was asked is paid for, answered or not. */
export class JudgeBudget {
  readonly #limits: JudgeLimits;
  readonly #price: JudgePrice;
  readonly #questions = new Map<string, number>();
  #spent: { atMs: number; tokens: number; usd: number }[] = [];

  constructor(limits: JudgeLimits, price: JudgePrice) {
    this.#limits = limits;
    this.#price = price;
  }

  /** Takes one question of a run, with the most that it may use; false when that is more than is left. */
  take(run: string, most: JudgeUsage, nowMs: number): boolean {
    this.#spent = this.#spent.filter(({ atMs }) => nowMs - atMs < hourMs);
    const asked = this.#questions.get(run) ?? 0;
    const tokens = this.#sum("tokens") + most.inputTokens + most.outputTokens;
    const usd = this.#sum("usd") + this.usdOf(most);
    const { questionsPerRun, tokensPerHour, usdPerHour } = this.#limits;
    if (asked >= questionsPerRun || tokens > tokensPerHour || usd > usdPerHour) return false;
    if (this.#questions.size >= maxRuns) this.#questions.delete(this.#questions.keys().next().value ?? "");
    this.#questions.set(run, asked + 1);
    this.#spent.push({ atMs: nowMs, tokens: most.inputTokens + most.outputTokens, usd: this.usdOf(most) });
    return true;
  }

  usdOf({ inputTokens, outputTokens }: JudgeUsage): number {
    const { inputUsdPerMillion, outputUsdPerMillion } = this.#price;
    return (inputTokens * inputUsdPerMillion + outputTokens * outputUsdPerMillion) / 1_000_000;
  }

  #sum(what: "tokens" | "usd"): number {
    return this.#spent.reduce((sum, one) => sum + one[what], 0);
  }
}
