import type { Message, Usage } from "@plumbline/contracts";
import type { EncodedMessage } from "./prompt-encoder.ts";

const charactersPerToken = 4;

/** Tokens of texts, by their length. */
export function estimatedTokens(texts: readonly string[]): number {
  return Math.ceil(texts.reduce((sum, text) => sum + text.length, 0) / charactersPerToken);
}

/** What a model call used up, by the length of its texts: for one whose answer does not say. */
export function estimatedUsage(prompt: readonly EncodedMessage[], output: readonly Message[]): Usage {
  return {
    inputTokens: estimatedTokens(prompt.map(({ json }) => json)),
    outputTokens: estimatedTokens([JSON.stringify(output)]),
    cachedInputTokens: 0,
    reasoningOutputTokens: 0,
    estimated: true,
  };
}
