import { adviceFor, type AgentEvent, type AgentEventOf, type Clock, eventName } from "@plumbline/contracts";
import type { EventReporter } from "../export/event-reporter.ts";
import type { Fingerprints } from "../observe/fingerprints/fingerprinter.ts";
import type { ContentPolicy } from "../observe/redact/content-policy.ts";
import type { RunMove } from "./run-lifecycle.ts";
import type { RunRecord } from "./run-record.ts";

/** Tells of a run as a whole. */
export interface RunReports {
  reportStart(run: RunRecord): void;
  /** Reports a move of the run, or that it is in another phase now. */
  reportMove(run: RunRecord, move: RunMove): void;
}

function startEvent(
  run: RunRecord,
  policy: ContentPolicy,
  instanceId: string,
): AgentEventOf<typeof eventName.runStart> {
  const { runId, agentName, goal, parent, conversationId, onPause, onControlLost } = run.declaration;
  return {
    name: eventName.runStart,
    runId,
    agentName,
    goal: policy.text(goal) ?? "",
    parentRunId: parent?.runId ?? null,
    conversationId,
    instanceId,
    limits: run.limits(),
    onPause,
    onControlLost,
    queued: run.declaration.queued ?? false,
  };
}

function moveEvent(run: RunRecord, move: RunMove, atMs: number): AgentEvent {
  const { runId, agentName, phases } = run;
  const { stopReason } = move;
  const nextCommand = stopReason === null ? "" : adviceFor(stopReason, runId).nextCommand;
  return { name: eventName.runState, runId, agentName, ...move, nextCommand, phase: phases.current, atMs };
}

export function createRunReports(options: {
  reporter: EventReporter;
  policy: ContentPolicy;
  fingerprints: Fingerprints;
  clock: Clock;
  instanceId: string;
}): RunReports {
  const { reporter, policy, fingerprints, clock, instanceId } = options;
  return {
    reportStart(run) {
      const { traceId, spanId } = run;
      const event = startEvent(run, policy, instanceId);
      const { goal } = run.declaration;
      fingerprints.use((made) => {
        const sent = made === null ? event : { ...event, goalFingerprint: made.goal(goal) };
        reporter.report(sent, { traceId, spanId });
      });
    },
    reportMove(run, move) {
      const { traceId, spanId } = run;
      reporter.report(moveEvent(run, move, clock.nowMs()), { traceId, spanId });
    },
  };
}
