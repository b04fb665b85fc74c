import type { RunView, Suspicion } from "../detect/detector.ts";
import { has, type RunState } from "../track/run-state.ts";
import { sideToolsOf } from "../track/side-tools.ts";
import { commandIdOf } from "./command-of.ts";
import type { Episode } from "./episode.ts";
import { belongsTo } from "./open-episode.ts";

const closesOnGain: ReadonlySet<string> = new Set(["exact-loop", "semantic-loop", "retry-storm", "stall"]);

/** A call that the agent made before the nudge reached it says nothing about the nudge, however late we hear of it. */
function withBarrenCall(episode: Episode, endedAtMs: number): Episode {
  const { graceCalls = 0, graceUntilMs = 0, nudgeGivenAtMs = 0 } = episode;
  if (endedAtMs < nudgeGivenAtMs) return episode;
  if (graceCalls === 0) return { ...episode, barren: episode.barren + 1 };
  const fewest = endedAtMs < graceUntilMs ? 1 : 0;
  return { ...episode, graceCalls: Math.max(fewest, graceCalls - 1) };
}

/**
 * The agent gave the model its nudge: from here on calls without gain count.
 * @param givenAtMs by the agent's clock, as are the times of its calls
 */
export function withNudgeGiven(state: RunState, nudgeId: string, givenAtMs: number): RunState {
  const { tenantId } = state.identity;
  const isOf = (episode: Episode): boolean => commandIdOf(tenantId, episode.findingId, "nudge") === nudgeId;
  return {
    ...state,
    episodes: state.episodes.map((one) =>
      isOf(one) ? { ...one, graceCalls: 0, nudgeGivenAtMs: givenAtMs } : one,
    ),
  };
}

/** Counts an agent's calls without gain while a nudge stands, and closes what a gain of its own has ended. */
export function settleEpisodes(view: RunView, suspicions: readonly Suspicion[]): readonly Episode[] {
  const mark = view.latest?.kind === "tool" ? view.latest.mark : null;
  if (mark === null || view.state.episodes.length === 0) return view.state.episodes;
  const isOthers = ({ agent }: Episode): boolean => agent !== undefined && agent !== mark.agent;
  const tells = mark.gain >= 0.2 && !has(mark, "repeat");
  const hasGain = tells && !sideToolsOf(view.tools).has(mark.name);
  return view.state.episodes
    .filter(
      (episode) =>
        !hasGain ||
        isOthers(episode) ||
        !closesOnGain.has(episode.kind) ||
        suspicions.some((suspicion) => belongsTo(episode, suspicion)),
    )
    .map((episode) =>
      hasGain || isOthers(episode) || episode.nudgedAtMs === null
        ? episode
        : withBarrenCall(episode, view.state.startMs + mark.at),
    );
}
