import type { RunView, Suspicion } from "../detect/detector.ts";
import type { Case } from "./case.ts";
import type { Episode } from "./episode.ts";
import { mayNudge } from "./issue-command.ts";
import { isStronger, nextRung } from "./ladder.ts";
import type { Policy } from "./policy.ts";
import { stallPausesAtMs } from "./stall-patience.ts";

/** Time stands in for calls where nothing is called. */
function barrenOf(episode: Episode, view: RunView, needed: number): number {
  if (episode.kind !== "stall" || episode.nudgedAtMs === null) return episode.barren;
  return view.nowMs >= stallPausesAtMs(episode) ? needed : 0;
}

/** A paused run that still makes steps after the grace that the policy gives it. */
function killIsDue(episode: Episode, view: RunView, policy: Policy): boolean {
  const graceMs = policy.killAfterIgnoredPauseMs;
  return (
    graceMs !== null &&
    episode.pausedAtMs !== null &&
    view.latest !== null &&
    view.nowMs - episode.pausedAtMs >= graceMs
  );
}

/** Calls that were made before the nudge reached the model say nothing about it, however late they are heard of. */
function waitsForNudge({ suspicion, view }: Case, episode: Episode): boolean {
  const { graceCalls = 0, nudgeGivenAtMs = 0 } = episode;
  if (graceCalls > 0) return true;
  const { tools, models, startMs } = view.state;
  const later = [...tools, ...models].filter(({ at }) => startMs + at > nudgeGivenAtMs);
  const sequences = new Set(later.map(({ sequence }) => sequence));
  return !suspicion.evidence.some(({ sequence }) => sequences.has(sequence));
}

/**
 * What may be persistence is told to the model first, also where comparisons came late and several at once, and the model has
 * the time to hear it.
 */
function urgencyOf(subject: Case, episode: Episode): Exclude<Suspicion["urgency"], "after-nudge"> {
  const { suspicion, view, policy } = subject;
  if (suspicion.urgency !== "after-nudge") return suspicion.urgency;
  const isToBeTold =
    episode.commanded === "nudge"
      ? waitsForNudge(subject, episode)
      : episode.commanded === "observe" && mayNudge(view.state, policy);
  return isToBeTold ? "ladder" : "at-once";
}

/** The episode one revision on, as far up the ladder as its suspicion takes it at this moment. */
export function advance(subject: Case, episode: Episode): Episode {
  const { view, rule, policy } = subject;
  const intervention = nextRung({
    urgency: urgencyOf(subject, episode),
    judged: episode.judged,
    before: episode.revision < 0 ? null : episode.intervention,
    barren: barrenOf(episode, view, policy.barrenCallsBeforePause),
    barrenCallsBeforePause: policy.barrenCallsBeforePause,
    upTo: rule.upTo,
    killIsDue: killIsDue(episode, view, policy),
  });
  return {
    ...episode,
    revision: episode.revision + 1,
    intervention,
    nudgedAtMs: episode.nudgedAtMs ?? (intervention === "observe" ? null : view.nowMs),
    pausedAtMs: episode.pausedAtMs ?? (isStronger(intervention, "nudge") ? view.nowMs : null),
    atSequence: view.state.lastSequence,
  };
}

/** Whether a revision says something that the one before did not. */
export function hasNews(before: Episode, after: Episode): boolean {
  return (
    before.revision < 0 || after.intervention !== before.intervention || after.atSequence > before.atSequence
  );
}
