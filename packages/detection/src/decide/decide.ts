import { type Command, findingIdOf } from "@plumbline/contracts";
import { stallPausesAtMs } from "./stall-patience.ts";
import type { RunView, Suspicion } from "../detect/detector.ts";
import type { MonitorOutput } from "../monitor.ts";
import { has, type RunState } from "../track/run-state.ts";
import { sideToolsOf } from "../track/side-tools.ts";
import type { Case } from "./case.ts";
import { commandIdOf, commandOf } from "./command-of.ts";
import type { Episode } from "./episode.ts";
import {
  type Explained,
  explained,
  goesOnIn,
  isLoopKind,
  mayGoTo,
  outranks,
  retold,
  withOthers,
} from "./explanation.ts";
import { isStronger, nextRung } from "./ladder.ts";
import { findingOf } from "./finding-of.ts";
import { type Policy, ruleFor } from "./policy.ts";

const maxEpisodes = 4;
const maxEpisodeNames = 3;
/** Calls that a nudge may need to reach the agent. */
const deliveryCalls = 4;

function firstOf(suspicion: Suspicion, view: RunView): number {
  const sequences = suspicion.evidence.map((step) => step.sequence);
  return sequences.length === 0 ? view.state.lastSequence : Math.min(...sequences);
}

function belongsTo(episode: Episode, suspicion: Suspicion): boolean {
  if (episode.kind !== suspicion.kind) return false;
  if (episode.signature === suspicion.signature) return true;
  // A cycle that is seen from another point, or grew by a call, is the same episode while its evidence overlaps.
  return (
    suspicion.urgency !== "warn" &&
    suspicion.evidence.some(
      (step) => step.sequence >= episode.firstSequence && step.sequence <= episode.atSequence,
    )
  );
}

function openEpisode({ view, suspicion }: Case): Episode {
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

function eventTimeOf(view: RunView): number {
  const mark = view.latest?.mark;
  return mark === undefined ? view.nowMs : view.state.startMs + mark.at;
}

function mayNudge(state: RunState, policy: Policy): boolean {
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

/** Calls in other words that were made before the nudge reached the model say nothing about it. */
function urgencyOf({ suspicion }: Case, episode: Episode): Suspicion["urgency"] {
  const { kind, urgency, evidence } = suspicion;
  if (urgency !== "at-once" || kind === "exact-loop" || episode.commanded !== "nudge") return urgency;
  const { graceCalls = 0, nudgeGivenAt = -1 } = episode;
  const isAfterNudge = evidence.some(({ sequence }) => sequence > nudgeGivenAt);
  return graceCalls > 0 || !isAfterNudge ? "ladder" : urgency;
}

function advance(subject: Case, episode: Episode): Episode {
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

function hasNews(before: Episode, after: Episode): boolean {
  return (
    before.revision < 0 || after.intervention !== before.intervention || after.atSequence > before.atSequence
  );
}

function commandFor(subject: Case, episode: Episode, episodes: readonly Episode[]): Command | null {
  const isFree = mayCommand(subject, episode) && !isCovered(episode, episodes);
  return isFree ? commandOf(subject, episode, episode.intervention) : null;
}

function withCommand(episode: Episode, command: Command): Episode {
  const grace = command.verb === "nudge" ? { graceCalls: deliveryCalls } : {};
  return { ...episode, ...grace, commanded: episode.intervention };
}

interface Decided {
  episodes: readonly Episode[];
  outputs: MonitorOutput[];
}

/** The episode that a pattern belongs to, by its strongest explanation first. */
function episodeOf({ lead, others }: Explained, episodes: readonly Episode[]): Episode | undefined {
  const suspicions = [lead, ...others].map(({ suspicion }) => suspicion);
  return (
    suspicions.flatMap((one) => episodes.filter((episode) => belongsTo(episode, one)))[0] ??
    suspicions.flatMap((one) => episodes.filter((episode) => goesOnIn(episode, one)))[0]
  );
}

/**
 * The episode as this moment explains it; null when its present explanation is the better one and this one would not
 * go further.
 */
function toldBy({ lead, others }: Explained, known: Episode): Episode | null {
  const kinds = others.map(({ suspicion }) => suspicion.kind);
  if (known.kind === lead.suspicion.kind) return withOthers(known, kinds);
  const { intervention } = advance(lead, known);
  const goesFurther = isStronger(intervention, known.intervention) && mayGoTo(intervention, lead, known);
  if (!outranks(lead, known) && !goesFurther) return null;
  return withOthers(retold(known, lead), kinds);
}

function decideOne(pattern: Explained, episodes: readonly Episode[]): Decided {
  const { lead, others } = pattern;
  const known = episodeOf(pattern, episodes);
  const kinds = [lead, ...others].map(({ suspicion }) => suspicion.kind);
  const before = known === undefined ? withOthers(openEpisode(lead), kinds.slice(1)) : toldBy(pattern, known);
  if (known !== undefined && before === null)
    return { episodes: episodes.map((one) => (one === known ? withOthers(known, kinds) : one)), outputs: [] };
  return before === null ? { episodes, outputs: [] } : decideFor(lead, { known, before }, episodes);
}

function decideFor(
  subject: Case,
  { known, before }: { known: Episode | undefined; before: Episode },
  episodes: readonly Episode[],
): Decided {
  const after = advance(subject, before);
  const outputs: MonitorOutput[] = [];
  const isNews = hasNews(before, after);
  const command = commandFor(subject, after, episodes);
  const settled = command === null ? after : withCommand(after, command);
  if (isNews) outputs.push({ type: "finding", finding: findingOf(subject, settled) });
  if (command !== null) outputs.push({ type: "command", command });
  const kept = isNews || command !== null ? settled : before;
  return {
    episodes: [...episodes.filter((episode) => episode !== known), kept].slice(-maxEpisodes),
    outputs,
  };
}

/** A call that the agent made before the nudge reached it says nothing about the nudge. */
function withBarrenCall(episode: Episode): Episode {
  const { graceCalls = 0 } = episode;
  return graceCalls > 0
    ? { ...episode, graceCalls: graceCalls - 1 }
    : { ...episode, barren: episode.barren + 1 };
}

/** The agent gave the model its nudge: from here on calls without gain count. */
export function withNudgeGiven(state: RunState, nudgeId: string): RunState {
  const { tenantId } = state.identity;
  const isOf = (episode: Episode): boolean => commandIdOf(tenantId, episode.findingId, "nudge") === nudgeId;
  return {
    ...state,
    episodes: state.episodes.map((one) =>
      isOf(one) ? { ...one, graceCalls: 0, nudgeGivenAt: state.lastSequence } : one,
    ),
  };
}

/** Counts an agent's calls without gain while a nudge stands, and closes what a gain of its own has ended. */
function settleEpisodes(view: RunView, suspicions: readonly Suspicion[]): readonly Episode[] {
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
      hasGain || isOthers(episode) || episode.nudgedAtMs === null ? episode : withBarrenCall(episode),
    );
}

const closesOnGain: ReadonlySet<string> = new Set(["exact-loop", "semantic-loop", "retry-storm", "stall"]);

function afterCommands(state: RunState, outputs: readonly MonitorOutput[]): RunState {
  const verbs = new Set(
    outputs.flatMap((output) => (output.type === "command" ? [output.command.verb] : [])),
  );
  const nudged = verbs.has("nudge")
    ? { nudges: state.nudges + 1, lastNudgeCall: state.totals.toolCalls }
    : {};
  return { ...state, ...nudged, pauseIssued: state.pauseIssued || verbs.has("pause") };
}

export interface Suspected {
  suspicion: Suspicion;
  /** Version of the detector. */
  version: string;
}

/** Findings and commands for what the detectors suspect at this moment. */
export function decide(
  policy: Policy,
  view: RunView,
  suspected: readonly Suspected[],
): { state: RunState; outputs: MonitorOutput[] } {
  const outputs: MonitorOutput[] = [];
  let { state } = view;
  let episodes = settleEpisodes(
    view,
    suspected.map(({ suspicion }) => suspicion),
  );
  const cases = suspected.map(({ suspicion, version }): Case => {
    const rule = ruleFor(policy, state.identity.agentName, suspicion.kind);
    return { policy, rule, view, suspicion, version };
  });
  for (const { lead, others } of explained(cases)) {
    const decided = decideOne({ lead: { ...lead, view: { ...view, state } }, others }, episodes);
    ({ episodes } = decided);
    outputs.push(...decided.outputs);
    state = afterCommands(state, decided.outputs);
  }
  return { state: { ...state, episodes }, outputs };
}
