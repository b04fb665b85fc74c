import type { Judgement } from "../monitor.ts";
import type { RunState } from "../track/run-state.ts";

/** Keeps what a model made of a finding that still stands; one that has closed, or that a later explanation took over, is as it was. */
export function withJudgement(state: RunState, { findingId, verdict }: Judgement): RunState {
  const episodes = state.episodes.map((episode) =>
    episode.findingId === findingId ? { ...episode, judged: verdict } : episode,
  );
  return { ...state, episodes };
}
