import { genAi, type OtlpSpan, type Usage } from "@plumbline/contracts";

/** No provider's tokenizer puts this many characters of prompt into one token, on average. */
const implausibleCharsPerToken = 20;

const promptAttribute =
  /^(?:gen_ai\.(?:input\.messages|tool\.definitions|prompt\.)|llm\.request\.functions\.)/;

function promptChars({ attributes }: OtlpSpan): number {
  let total = 0;
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "string" && promptAttribute.test(key)) total += value.length;
  }
  return total;
}

/** OpenLLMetry for JavaScript hands on Anthropic's own count, which leaves cached tokens out. */
export function leavesOutCache(span: OtlpSpan): boolean {
  return span.origin.scopeName === "@traceloop/instrumentation-anthropic";
}

/**
 * OpenLLMetry for JavaScript counts streamed calls with a tokenizer of its own, over the messages alone, and does not say
 * so. What gives it away is a count far too small for a prompt with tool definitions.
 */
export function withEstimateMarked(usage: Usage | undefined, span: OtlpSpan): Usage | undefined {
  if (usage === undefined || !span.origin.scopeName.startsWith("@traceloop/instrumentation-")) return usage;
  const hasTools =
    span.attributes[genAi.toolDefinitions] !== undefined ||
    span.attributes["llm.request.functions.0.name"] !== undefined;
  const isTooSmall = usage.inputTokens * implausibleCharsPerToken < promptChars(span);
  return hasTools && isTooSmall ? { ...usage, estimated: true } : usage;
}
