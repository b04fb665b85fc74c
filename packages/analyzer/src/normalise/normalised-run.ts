import { noUsage, type Step, type Usage } from "@plumbline/contracts";

/** A step as `plumbline normalise` prints it. */
export interface NormalisedStep {
  i: number;
  kind: "model" | "tool";
  name: string;
  args: string | null;
  result: string | null;
  outcome: Step["outcome"]["class"];
  trace_id: string;
  span_id: string;
  synthetic: boolean;
}

export interface NormalisedFinding {
  kind: string;
  /** The step that raised it; `i` of a step of the run. */
  step: number;
  evidence: string;
}

export interface NormalisedUsage {
  input_tokens: number;
  output_tokens: number;
  cached_input_tokens: number;
  reasoning_output_tokens: number;
  /** True when any of it was counted by a tokenizer instead of the provider. */
  estimated: boolean;
}

/** A run as `plumbline normalise` prints it. */
export interface NormalisedRun {
  run_id: string;
  goal: string | null;
  dialects: string[];
  llm_calls: number;
  tool_calls: number;
  tool_names: string[];
  usage: NormalisedUsage;
  /** What is priced of it; null when nothing is. */
  cost_usd: number | null;
  /** Model calls whose model has no known price or that carry no usage: the cost leaves them out. */
  unpriced_calls: number;
  findings: NormalisedFinding[];
  steps: NormalisedStep[];
}

const microUsdPerUsd = 1_000_000;

function lastTexts(step: Step): { args: string | null; result: string | null } {
  if (step.tool !== null) return { args: step.tool.arguments, result: step.tool.result };
  const model = step.model;
  if (model === null) return { args: null, result: null };
  const { newInputMessages, output } = model;
  return {
    args: newInputMessages.length === 0 ? null : JSON.stringify(newInputMessages),
    result: output.length === 0 ? null : JSON.stringify(output),
  };
}

function normalisedStep(step: Step, index: number): NormalisedStep {
  return {
    i: index + 1,
    kind: step.kind,
    name: step.name,
    ...lastTexts(step),
    outcome: step.outcome.class,
    trace_id: step.traceId,
    span_id: step.spanId,
    synthetic: step.synthetic,
  };
}

function sumOf(usages: readonly Usage[]): NormalisedUsage {
  const total = { ...noUsage };
  for (const usage of usages) {
    total.inputTokens += usage.inputTokens;
    total.outputTokens += usage.outputTokens;
    total.cachedInputTokens += usage.cachedInputTokens;
    total.reasoningOutputTokens += usage.reasoningOutputTokens;
    total.estimated ||= usage.estimated;
  }
  return {
    input_tokens: total.inputTokens,
    output_tokens: total.outputTokens,
    cached_input_tokens: total.cachedInputTokens,
    reasoning_output_tokens: total.reasoningOutputTokens,
    estimated: total.estimated,
  };
}

export interface AssembledRun {
  runId: string;
  goal: string | null;
  dialects: Iterable<string>;
  /** Steps that count, in the order of their start. */
  steps: readonly Step[];
  findings: NormalisedFinding[];
}

export function normalisedRun({ runId, goal, dialects, steps, findings }: AssembledRun): NormalisedRun {
  const models = steps.flatMap((step) => (step.model === null ? [] : [step.model]));
  const tools = steps.filter((step) => step.kind === "tool");
  const costs = models.map((model) => model.costMicroUsd).filter((cost) => cost !== null);
  return {
    run_id: runId,
    goal,
    dialects: [...new Set(dialects)].toSorted(),
    llm_calls: models.length,
    tool_calls: tools.length,
    tool_names: tools.map((step) => step.name),
    usage: sumOf(models.map((model) => model.usage).filter((usage) => usage !== null)),
    cost_usd: costs.length === 0 ? null : costs.reduce((sum, cost) => sum + cost, 0) / microUsdPerUsd,
    unpriced_calls: models.length - costs.length,
    findings,
    steps: steps.map(normalisedStep),
  };
}
