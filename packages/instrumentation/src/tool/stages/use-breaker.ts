import { breakerKeyOf } from "../breaker/breaker-key.ts";
import { refusedOutcome } from "../breaker/breaker.ts";
import type { ToolStage } from "../tool-stage.ts";

/** Answers in place of a tool whose dependency is known to fail, so that it is left alone. */
export const useBreaker: ToolStage = (call, next) => {
  const { runtime, run, toolName } = call;
  const key = breakerKeyOf(call);
  const refusal = key === undefined ? undefined : runtime.breakers.refusal(key);
  if (refusal === undefined) return next(call);
  runtime.findings.notice(run, {
    kind: "retry-storm",
    guard: "breaker",
    signature: toolName,
    summary: `${toolName} failed ${String(refusal.failures)} times in a row; calls of it are answered without being made.`,
    intervention: "nudge",
    confidence: 0.9,
    steps: [{ stepId: call.stepId, name: toolName }],
  });
  return Promise.resolve(refusedOutcome(refusal, runtime.clock.nowMs()));
};
