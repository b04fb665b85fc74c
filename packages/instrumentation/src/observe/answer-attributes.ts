import { genAi } from "@plumbline/contracts";
import type { SpanAttributes } from "../export/otlp-json.ts";
import type { ModelAnswer } from "./model-call.ts";

function usageAttributes(answer: ModelAnswer): SpanAttributes {
  const { usage } = answer;
  if (usage === null) return {};
  return {
    [genAi.usageInputTokens]: usage.inputTokens,
    [genAi.usageOutputTokens]: usage.outputTokens,
    ...(usage.cachedInputTokens > 0 ? { [genAi.usageCachedInputTokens]: usage.cachedInputTokens } : {}),
    ...(usage.reasoningOutputTokens > 0
      ? { [genAi.usageReasoningOutputTokens]: usage.reasoningOutputTokens }
      : {}),
  };
}

/** What a span says of the answer to a model call, contents apart. */
export function answerAttributes(answer: ModelAnswer): SpanAttributes {
  const { responseModel, responseId, finishReasons } = answer;
  return {
    ...usageAttributes(answer),
    ...(responseModel === null ? {} : { [genAi.responseModel]: responseModel }),
    ...(responseId === null ? {} : { [genAi.responseId]: responseId }),
    ...(finishReasons.length === 0 ? {} : { [genAi.responseFinishReasons]: finishReasons }),
  };
}
