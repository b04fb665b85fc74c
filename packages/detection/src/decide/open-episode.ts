import { findingIdOf } from "@plumbline/contracts";
import type { RunView, Suspicion } from "../detect/detector.ts";
import type { Case } from "./case.ts";
import type { Episode } from "./episode.ts";

const maxEpisodeNames = 3;

function firstOf(suspicion: Suspicion, view: RunView): number {
  const sequences = suspicion.evidence.map((step) => step.sequence);
  return sequences.length === 0 ? view.state.lastSequence : Math.min(...sequences);
}

function eventTimeOf(view: RunView): number {
  const mark = view.latest?.mark;
  return mark === undefined ? view.nowMs : view.state.startMs + mark.at;
}

/** Whether a suspicion is of the finding that an episode stands for. */
export function belongsTo(episode: Episode, suspicion: Suspicion): boolean {
  if (episode.kind !== suspicion.kind) return false;
  if (episode.signature === suspicion.signature) return true;
  const sequences = suspicion.evidence.map(({ sequence }) => sequence);
  if (episode.byAgent?.steps.some(({ sequence }) => sequences.includes(sequence)) === true) return true;
  // A cycle that is seen from another point, or grew by a call, is the same episode while its evidence overlaps.
  return (
    suspicion.urgency !== "warn" &&
    sequences.some((sequence) => sequence >= episode.firstSequence && sequence <= episode.atSequence)
  );
}

/** The episode that a suspicion opens. */
export function openEpisode({ view, suspicion }: Case): Episode {
  const { state } = view;
  const firstSequence = firstOf(suspicion, view);
  const lastProgressSequence = Math.max(Math.min(state.lastProgress.sequence, firstSequence), state.amnesty);
  const { tenantId, runId } = state.identity;
  return {
    findingId: findingIdOf({
      tenantId,
      runId,
      kind: suspicion.kind,
      signature: suspicion.signature,
      lastProgressSequence,
    }),
    kind: suspicion.kind,
    signature: suspicion.signature,
    ...(view.latest?.kind === "tool" ? { agent: view.latest.mark.agent } : {}),
    names: suspicion.facts.names.slice(0, maxEpisodeNames),
    revision: -1,
    intervention: "observe",
    commanded: "observe",
    firstSequence,
    lastProgressSequence,
    barren: 0,
    firstAtMs: eventTimeOf(view),
    raisedAtMs: view.nowMs,
    nudgedAtMs: null,
    pausedAtMs: null,
    atSequence: 0,
  };
}
