import { type AgentEventOf, eventName, messageOf, plumblineAttribute } from "@plumbline/contracts";
import { RunKilledError, RunPausedError, type RunStoppedError } from "../errors.ts";
import { madeAttributes, type OpenSpan } from "../observe/tracing.ts";
import type { Runtime } from "../runtime.ts";
import { resultText } from "../tool/tool-result.ts";
import type { RunRecord } from "./run-record.ts";

/** How a run came to its end. */
export type RunEnd = Omit<AgentEventOf<typeof eventName.runEnd>, "name" | "runId" | "agentName">;

const maxOutputCharacters = 4000;

/** The end of a run whose function threw; `stopped` when that was because the run was stopped. */
export function endOf(stopped: RunStoppedError | undefined, thrown: unknown): RunEnd {
  if (stopped === undefined)
    return { status: "failed", stopReason: "FAILED", message: messageOf(thrown), output: null };
  const { reason: stopReason, why: message } = stopped;
  if (stopped instanceof RunKilledError || stopped.code === "RUN_KILLED")
    return { status: "killed", stopReason, message, output: null };
  if (stopped instanceof RunPausedError || stopped.code === "RUN_PAUSED")
    return { status: "paused", stopReason, message, output: null };
  return { status: "failed", stopReason, message: stopped.message, output: null };
}

/** An output as it may leave the process; null where there is none, or none may. */
export function shownOutput(runtime: Runtime, output: unknown): string | null {
  const shown = output === undefined || output === null ? null : runtime.policy.text(resultText(output));
  return shown?.slice(0, maxOutputCharacters) ?? null;
}

/** The end of a run whose function returned. */
export function completedWith(runtime: Runtime, result: unknown): RunEnd {
  const output = shownOutput(runtime, result);
  return { status: "completed", stopReason: "COMPLETED", message: null, output };
}

/** Brings a run to its end: the last move, its span, its last event. */
export function finishRun(
  runtime: Runtime,
  run: RunRecord,
  outcome: { span: OpenSpan; end: RunEnd; errorMessage: string | null },
): void {
  const { runId, agentName } = run;
  const { span, end, errorMessage } = outcome;
  const message = end.message === null ? null : runtime.policy.error(end.message);
  // What its last calls left for later is told before its end.
  runtime.afterwards.settle();
  run.lifecycle.end(end.status, { stopReason: end.stopReason, message: message ?? "" });
  span.end({
    endMs: runtime.clock.nowMs(),
    attributes: madeAttributes({ [plumblineAttribute.stopReason]: end.stopReason }),
    errorMessage,
  });
  runtime.reporter.report({ name: eventName.runEnd, runId, agentName, ...end, message }, span);
  runtime.runs.end(run);
  if (end.status === "paused" && run.declaration.onPause === "wait") tellOfPause(runtime, run, end);
}

/** A run that waits ends as paused only when nobody answered its pause. */
function tellOfPause(runtime: Runtime, run: RunRecord, { stopReason: reason, message }: RunEnd): void {
  const { clock, settings, notifier, policy } = runtime;
  notifier.notify({
    kind: "pause-unanswered",
    tenantId: settings.tenantId,
    runId: run.runId,
    agentName: run.agentName,
    reason,
    message: policy.error(message ?? ""),
    pausedAtMs: clock.nowMs() - settings.unattendedPauseMs,
  });
}
