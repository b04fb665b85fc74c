import { isFailed } from "../track/gain.ts";
import { has, type ToolMark } from "../track/run-state.ts";
import { usualMaximumMs } from "../track/typical-duration.ts";
import type { RunView } from "./detector.ts";

/*
 * Owns: whether an agent that makes the same call again is waiting for something, by what it was asked, by what comes back
 * and by the time that it lets pass.
 * Does not own: how much patience waiting deserves (the detectors).
 */

/** Idle time before a call that nobody lets pass who wants to go on. */
const waitingMs = 45_000;
/** Pauses that double, or grow by half and by more than a model's own pace varies, are meant. */
const backoff = { factor: 1.5, byMs: 1500, doubled: 1.9 } as const;

const hasFailed = (mark: ToolMark): boolean => mark.failure !== 0 || isFailed(mark);

/** The goal itself asks to wait or watch, and the call works; what it watches for may not be there yet. */
export function isWatching(view: RunView, mark: ToolMark): boolean {
  return view.state.goal.waits && !hasFailed(mark) && (mark.outcome === "ok" || mark.outcome === "empty");
}

function usualMs(view: RunView, mark: { name: number } | undefined): number {
  const name = mark === undefined ? "" : (view.state.names[mark.name]?.name ?? "");
  return usualMaximumMs(view.state.typical, name) ?? 0;
}

/** The same call as the one before it, after a pause that neither the tool nor the model took. */
function isSpaced(view: RunView, mark: ToolMark): boolean {
  if (hasFailed(mark)) return false;
  const before = view.tools[view.tools.indexOf(mark) - 1];
  if (before?.call !== mark.call) return false;
  const gapMs = mark.at - before.at;
  return gapMs >= waitingMs && gapMs - usualMs(view, mark) - usualMs(view, view.models.at(-1)) >= waitingMs;
}

/** A call that may come back with the same answer for long: a poll, or a task that is meant to watch. */
export function isWaiting(view: RunView, mark: ToolMark): boolean {
  return has(mark, "waiting") || isWatching(view, mark) || isSpaced(view, mark);
}

/**
 * Calls with ever longer pauses before them, as whoever meets a failure that may pass should make them. Other calls end a
 * pause.
 */
export function isBackingOff(tools: readonly ToolMark[], marks: readonly ToolMark[]): boolean {
  const pauses = marks.slice(1).map((mark) => mark.at - (tools[tools.indexOf(mark) - 1]?.at ?? mark.at));
  const grew = (pause: number, before: number): boolean =>
    pause >= backoff.doubled * before || (pause >= backoff.factor * before && pause >= before + backoff.byMs);
  const grows = pauses.slice(1).every((pause, index) => grew(pause, pauses[index] ?? pause));
  return pauses.length > 1 && grows && (pauses[0] ?? 0) > 0;
}
