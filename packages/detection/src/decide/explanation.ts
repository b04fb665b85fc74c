import type { FindingKind, Intervention } from "@plumbline/contracts";
import type { Suspicion } from "../detect/detector.ts";
import { isLoopKind, loopKinds } from "../track/loop-kinds.ts";
import type { Case } from "./case.ts";
import type { Episode } from "./episode.ts";
import { rankOf } from "./ladder.ts";
import { type DetectorRule, ruleFor } from "./policy.ts";

/*
 * Owns: one pattern, one finding. Several detectors of repetition often see the same calls; the strongest explanation
 * is the finding, the others are named in it.
 * Does not own: how far a finding goes (ladder), and what it leads to (decide).
 */

/** A case with the other kinds that explain the same calls. */
export interface Explained {
  lead: Case;
  others: readonly Case[];
}

/** Enforced before shadow, then what says more; what was found only by leaving calls out comes last. */
function strengthOf(kind: FindingKind, { enforce }: DetectorRule): number {
  return (enforce ? 100 : 0) - loopKinds.indexOf(kind);
}

function strengthOfCase({ suspicion, rule }: Case): number {
  return strengthOf(suspicion.kind, rule) - (suspicion.isTentative === true ? loopKinds.length : 0);
}

function shareSteps(a: Suspicion, b: Suspicion): boolean {
  const steps = new Set(a.evidence.map(({ stepId }) => stepId));
  return b.evidence.some(({ stepId }) => steps.has(stepId));
}

/** What is suspected at this moment, each pattern once. */
export function explained(cases: readonly Case[]): Explained[] {
  const loops = cases
    .filter(({ suspicion }) => isLoopKind(suspicion.kind))
    .toSorted((a, b) => strengthOfCase(b) - strengthOfCase(a));
  const [lead] = loops;
  const others = loops
    .slice(1)
    .filter((one) => lead !== undefined && shareSteps(one.suspicion, lead.suspicion));
  return cases
    .filter((one) => !others.includes(one))
    .map((one) => ({ lead: one, others: one === lead ? others : [] }));
}

/** Whether a loop seen by another detector before goes on in these calls: they overlap, and are of the same tools. */
export function goesOnIn(episode: Episode, suspicion: Suspicion): boolean {
  if (!isLoopKind(episode.kind) || !isLoopKind(suspicion.kind)) return false;
  const isSameTool = suspicion.facts.names.some((name) => episode.names?.includes(name) === true);
  return (
    isSameTool &&
    suspicion.evidence.some(
      ({ sequence }) => sequence >= episode.firstSequence && sequence <= episode.atSequence,
    )
  );
}

/** Whether a case explains an episode of another kind better than that kind does, or at least may act on it. */
export function outranks(subject: Case, episode: Episode): boolean {
  return strengthOfCase(subject) > strengthOf(episode.kind, ruleOfEpisode(subject, episode));
}

/** How far an episode may go under its present kind: a weaker explanation takes it no further. */
export function mayGoTo(intervention: Intervention, subject: Case, episode: Episode): boolean {
  const { enforce, upTo } = ruleOfEpisode(subject, episode);
  return subject.rule.enforce === enforce && rankOf(intervention) <= rankOf(upTo);
}

function ruleOfEpisode({ policy, view }: Case, { kind }: Episode): DetectorRule {
  return ruleFor(policy, view.state.identity.agentName, kind);
}

/** Whether only a shadow detector stood behind an episode that one acts on from now: what it would have done, was not. */
function comesIntoForce(subject: Case, episode: Episode): boolean {
  return subject.rule.enforce && !ruleOfEpisode(subject, episode).enforce;
}

/** The episode under a new explanation; the one before is named in it. */
export function retold(episode: Episode, subject: Case): Episode {
  const { kind, signature } = subject.suspicion;
  const afresh = comesIntoForce(subject, episode)
    ? { intervention: "observe" as const, nudgedAtMs: null, pausedAtMs: null, barren: 0 }
    : {};
  // What was judged is the explanation before.
  const { judged: _before, ...unjudged } = withOthers(episode, [episode.kind]);
  return { ...unjudged, ...afresh, kind, signature };
}

/** The episode with further kinds that explain it. */
export function withOthers(episode: Episode, kinds: readonly FindingKind[]): Episode {
  const also = loopKinds.filter((kind) => episode.also?.includes(kind) === true || kinds.includes(kind));
  return also.length === 0 ? episode : { ...episode, also };
}

/** The other kinds that explain an episode; undefined when there are none. */
export function othersOf({ kind, also = [] }: Episode): FindingKind[] | undefined {
  const others = also.filter((other) => other !== kind);
  return others.length === 0 ? undefined : others;
}
