import { isTerminal } from "@plumbline/contracts";
import { pauseLookMs } from "./pause-watch.ts";
import type { RunParts, RunState } from "./run-state.ts";
import { gateLostAfterMs } from "./summary.ts";

/** How long after its outermost span a run without a gate is taken to be over. */
export const endGraceMs = 10_000;
/** A run of which nothing was heard for this long is over, whatever it was doing. */
export const forgottenAfterMs = 30 * 60_000;
/** Runs that ended are remembered this long for late records. */
const endedRunKeptMs = 10 * 60_000;

/** Changes with the times above, and with everything that decides what detection says. */
export const quietRulesOf = ({ monitor }: RunParts): string => `1.${monitor.rules}`;

/** When a run that ended may be forgotten; one that was killed stays killed. */
export const forgetAtMs = ({ summary: { status, lastSeenAtMs } }: RunState): number =>
  status === "killed" ? Number.POSITIVE_INFINITY : lastSeenAtMs + endedRunKeptMs;

/**
 * Until when timers leave a run as it is, given that the one at `nowMs` has changed nothing. Folding them would give the
 * same; most of many runs are left alone this way.
 */
export function quietUntilMs(state: RunState, { monitor }: RunParts, nowMs: number): number {
  const { summary, pendingEnd, pauseWatch = null } = state;
  const { status, gate, lastSeenAtMs } = summary;
  if (isTerminal(status)) return forgetAtMs(state);
  return Math.min(
    monitor.quietUntilMs(state.monitor, nowMs),
    pauseLookMs(pauseWatch, summary),
    gate === "connected" ? lastSeenAtMs + gateLostAfterMs : Number.POSITIVE_INFINITY,
    pendingEnd === null ? Number.POSITIVE_INFINITY : lastSeenAtMs + endGraceMs,
    status === "paused" ? Number.POSITIVE_INFINITY : lastSeenAtMs + forgottenAfterMs,
  );
}
