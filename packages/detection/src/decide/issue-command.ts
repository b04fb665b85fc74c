import type { Command } from "@plumbline/contracts";
import { isLoopKind } from "../track/loop-kinds.ts";
import type { RunState } from "../track/run-state.ts";
import type { Case } from "./case.ts";
import { commandOf } from "./command-of.ts";
import type { Episode } from "./episode.ts";
import { isStronger } from "./ladder.ts";
import type { Policy } from "./policy.ts";

/** What a nudge may need to reach the agent: an agent makes many calls a second, and a crowded machine takes its time. */
const deliveryCalls = 4;
const deliveryMs = 3_000;

/** Whether the run has not been nudged too often, nor just now. */
export function mayNudge(state: RunState, policy: Policy): boolean {
  return (
    state.nudges < policy.maxNudges &&
    state.totals.toolCalls - state.lastNudgeCall >= policy.nudgeCooldownCalls
  );
}

/** Another finding on the same stretch of the run has already led to as much. */
function isCovered(episode: Episode, others: readonly Episode[]): boolean {
  if (!isLoopKind(episode.kind)) return false;
  return others.some(
    (other) =>
      other.findingId !== episode.findingId &&
      isLoopKind(other.kind) &&
      other.atSequence >= episode.firstSequence &&
      !isStronger(episode.intervention, other.commanded),
  );
}

function mayCommand(subject: Case, episode: Episode): boolean {
  const { view, rule, policy } = subject;
  if (
    !rule.enforce ||
    !view.state.hasGate ||
    view.state.ended ||
    !isStronger(episode.intervention, episode.commanded)
  )
    return false;
  if (episode.intervention === "kill") return view.state.desired !== "killed";
  if (view.state.desired !== "running" || view.state.pauseIssued) return false;
  return episode.intervention === "pause" || mayNudge(view.state, policy);
}

/** The command that an episode leads to at this moment; null when nothing may be commanded. */
export function commandFor(subject: Case, episode: Episode, episodes: readonly Episode[]): Command | null {
  const isFree = mayCommand(subject, episode) && !isCovered(episode, episodes);
  return isFree ? commandOf(subject, episode, episode.intervention) : null;
}

/** The episode after its command was issued; a nudge is on its way from here on. */
export function withCommand({ view }: Case, episode: Episode, command: Command): Episode {
  const graceUntilMs = view.state.lastMs + deliveryMs;
  const grace = command.verb === "nudge" ? { graceCalls: deliveryCalls, graceUntilMs } : {};
  return { ...episode, ...grace, commanded: episode.intervention };
}
