import { createModelJudge, type JudgeOptions } from "@plumbline/analyzer";
import type { JudgeSettings } from "../config/judge-settings.ts";

/** The judge of the settings; null where nobody is asked. */
export function openJudge(
  settings: JudgeSettings,
  onUnanswered: (reason: string) => void,
): JudgeOptions | null {
  const { kind, model, baseUrl, apiKey, maxAnswerTokens, timeoutMs } = settings;
  if (kind === "off" || model === null) return null;
  const { questionsPerRun, tokensPerHour, usdPerHour, inputUsdPerMillion, outputUsdPerMillion } = settings;
  return {
    judge: createModelJudge({ baseUrl, model, apiKey, maxAnswerTokens }),
    limits: { questionsPerRun, tokensPerHour, usdPerHour },
    price: { inputUsdPerMillion, outputUsdPerMillion },
    timeoutMs,
    onUnanswered,
  };
}
