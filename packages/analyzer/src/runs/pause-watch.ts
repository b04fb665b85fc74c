import type { Notification, RunSummary } from "@plumbline/contracts";

/** How long a run has been paused without an answer; plain JSON, part of the run's state. */
export interface PauseWatch {
  sinceMs: number;
  told: boolean;
}

type UnansweredPause = Extract<Notification, { kind: "pause-unanswered" }>;

/** A pause that nobody ended by then is told of, once. */
const unansweredAfterMs = 10 * 60_000;

/** When the watch has to be looked at again; `Infinity` when the passing of time changes nothing. */
export function pauseLookMs(watch: PauseWatch | null, { status }: RunSummary): number {
  if (status !== "paused") return watch === null ? Number.POSITIVE_INFINITY : 0;
  if (watch === null) return 0;
  return watch.told ? Number.POSITIVE_INFINITY : watch.sinceMs + unansweredAfterMs;
}

/** What a moment makes of the watch over a run's pause, and what people are to be told then. */
export function watchPause(
  watch: PauseWatch | null,
  summary: RunSummary,
  nowMs: number,
): { watch: PauseWatch | null; unanswered: UnansweredPause | null } {
  if (summary.status !== "paused") return { watch: null, unanswered: null };
  const current = watch ?? { sinceMs: nowMs, told: false };
  if (current.told || nowMs - current.sinceMs < unansweredAfterMs)
    return { watch: current, unanswered: null };
  const { tenantId, runId, agentName, stopReason, message } = summary;
  return {
    watch: { ...current, told: true },
    unanswered: {
      kind: "pause-unanswered",
      tenantId,
      runId,
      agentName,
      reason: stopReason ?? "USER_PAUSED",
      message,
      pausedAtMs: current.sinceMs,
    },
  };
}
