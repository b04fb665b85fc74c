import type { Attributes, Usage } from "@plumbline/contracts";
import { countOf, firstCount, isRecord } from "./attribute-access.ts";

export interface TokenCounts {
  input?: number | undefined;
  output?: number | undefined;
  cachedInput?: number | undefined;
  /** Tokens written to the cache. */
  cacheWrite?: number | undefined;
  reasoningOutput?: number | undefined;
  /** The emitter's input leaves cached tokens out; they are added. */
  inputExcludesCache?: boolean;
  /** The emitter's output leaves reasoning out; it is added. */
  outputExcludesReasoning?: boolean;
  /** Counted with a tokenizer of the emitter's own. */
  estimated?: boolean;
}

/** One meaning for every dialect: input includes cached tokens, output includes reasoning. Undefined when nothing was counted. */
export function usageOf(counts: TokenCounts): Usage | undefined {
  const { input = 0, output = 0, cachedInput = 0, reasoningOutput = 0, estimated = false } = counts;
  // No call is free: emitters that were not told the counts write zeros.
  if (input + output + cachedInput === 0) return undefined;
  return {
    inputTokens: input + leftOutOfInput(counts),
    outputTokens: output + (counts.outputExcludesReasoning === true ? reasoningOutput : 0),
    cachedInputTokens: cachedInput,
    reasoningOutputTokens: reasoningOutput,
    estimated,
  };
}

function leftOutOfInput({ inputExcludesCache, cachedInput = 0, cacheWrite = 0 }: TokenCounts): number {
  return inputExcludesCache === true ? cachedInput + cacheWrite : 0;
}

const names = {
  input: ["gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.usage.prompt_tokens"],
  output: ["gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens", "llm.usage.completion_tokens"],
  cachedInput: [
    "gen_ai.usage.cache_read.input_tokens",
    "gen_ai.usage.cache_read_input_tokens",
    "gen_ai.usage.cached_input_tokens",
    "gen_ai.usage.details.cache_read_tokens",
    "gen_ai.usage.details.cached_tokens",
  ],
  cacheWrite: [
    "gen_ai.usage.cache_write.input_tokens",
    "gen_ai.usage.cache_creation.input_tokens",
    "gen_ai.usage.cache_creation_input_tokens",
    "gen_ai.usage.cache_write_input_tokens",
  ],
  reasoningOutput: [
    "gen_ai.usage.reasoning.output_tokens",
    "gen_ai.usage.reasoning_tokens",
    "gen_ai.usage.reasoning_output_tokens",
    "gen_ai.usage.details.reasoning_tokens",
    "gen_ai.usage.experimental.reasoning_tokens",
    "ai.usage.outputTokenDetails.reasoningTokens",
    "ai.usage.reasoningTokens",
  ],
} as const;

/** Token counts under the GenAI names of all versions and the extensions seen beside them. */
export function genAiTokenCounts(attributes: Attributes): TokenCounts {
  return {
    input: firstCount(attributes, names.input),
    output: firstCount(attributes, names.output),
    cachedInput: firstCount(attributes, names.cachedInput),
    cacheWrite: firstCount(attributes, names.cacheWrite),
    reasoningOutput: firstCount(attributes, names.reasoningOutput),
  };
}

/** Nested objects arrive as such or flattened with a dot or an underscore. */
function nestedCount(counted: Record<string, unknown>, outer: string, name: string): number | undefined {
  const nested = counted[outer];
  if (isRecord(nested)) return countOf(nested[name]);
  return countOf(counted[`${outer}.${name}`]) ?? countOf(counted[`${outer}_${name}`]);
}

/** Token counts as the APIs of OpenAI (chat, responses) and Anthropic return them. */
export function providerTokenCounts(counted: Record<string, unknown>): TokenCounts {
  const anthropicCached = countOf(counted["cache_read_input_tokens"]);
  return {
    input: countOf(counted["prompt_tokens"]) ?? countOf(counted["input_tokens"]),
    output: countOf(counted["completion_tokens"]) ?? countOf(counted["output_tokens"]),
    cachedInput:
      nestedCount(counted, "prompt_tokens_details", "cached_tokens") ??
      nestedCount(counted, "input_tokens_details", "cached_tokens") ??
      anthropicCached,
    cacheWrite: countOf(counted["cache_creation_input_tokens"]),
    reasoningOutput:
      nestedCount(counted, "completion_tokens_details", "reasoning_tokens") ??
      nestedCount(counted, "output_tokens_details", "reasoning_tokens"),
    inputExcludesCache: anthropicCached !== undefined,
  };
}
