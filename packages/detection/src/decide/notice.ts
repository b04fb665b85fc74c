import {
  type Ack,
  derivedId,
  type FindingKind,
  guardFindingIdOf,
  type Intervention,
} from "@plumbline/contracts";
import type { RunView, SuspectStep, Suspicion } from "../detect/detector.ts";
import type { GuardNotice, MonitorOutput } from "../monitor.ts";
import { isLoopKind } from "../track/loop-kinds.ts";
import type { RunState } from "../track/run-state.ts";
import { shortStepId } from "../track/step-ids.ts";
import type { Case } from "./case.ts";
import { commandIdOf } from "./command-of.ts";
import { type AgentNotice, type Episode, withEpisode } from "./episode.ts";
import { goesOnIn, withOthers } from "./explanation.ts";
import { findingOf } from "./finding-of.ts";
import { milder, stronger } from "./ladder.ts";
import { belongsTo, openEpisode } from "./open-episode.ts";
import { type Policy, ruleFor } from "./policy.ts";

/*
 * Owns: what a guard in the agent's own process noticed as part of the run's episodes: one stretch is one finding, whoever
 * told of it first, and an agent that was told there is not told again from here.
 * Does not own: what detectors find (decide), nor what the agent did (the agent).
 */

const maxKeptSteps = 6;

/** A step that the run knows, ended or not. */
function knownStep(state: RunState, stepId: string): AgentNotice["steps"][number] | null {
  const { id, traces } = shortStepId(state.traces, stepId);
  const mark = [...state.tools, ...state.models].find((one) => one.id === id);
  if (mark !== undefined) return { id, sequence: mark.sequence, name: state.names[mark.name]?.name ?? "" };
  const open = state.open.find((one) => one.stepId === stepId);
  if (open === undefined) return null;
  // The trace of a call that is still open may not be kept yet.
  return { id: traces === state.traces ? id : stepId, sequence: open.sequence, name: open.name };
}

function suspicionOf(state: RunState, notice: GuardNotice): Suspicion {
  const unknownSequence = Math.max(1, state.lastSequence);
  const evidence = notice.steps.map(({ stepId, name }): SuspectStep => {
    const sequence = knownStep(state, stepId)?.sequence ?? unknownSequence;
    return { stepId, sequence, name, broughtNew: false };
  });
  return {
    kind: notice.kind,
    signature: `${notice.guard}\n${notice.signature}`,
    confidence: notice.confidence,
    urgency: "note",
    summary: notice.summary,
    ruledOut: "",
    evidence,
    facts: { names: [...new Set(evidence.map(({ name }) => name))], count: evidence.length },
  };
}

/** Kinds of which each step is a case of its own: without steps nothing tells one from the next. */
const ofOneStep: ReadonlySet<FindingKind> = new Set<FindingKind>([
  "goal-drift",
  "hidden-failure",
  "invalid-call",
]);

/** A notice without steps speaks of the moment at which it came. */
function placed(suspicion: Suspicion, sequence: number): Suspicion {
  return { ...suspicion, evidence: [{ stepId: "", sequence, name: "", broughtNew: false }] };
}

function isOf(episode: Episode, suspicion: Suspicion, state: RunState): boolean {
  const { kind, signature, evidence, facts } = suspicion;
  if (episode.byAgent?.signature === signature) return true;
  if (evidence.length === 0)
    return !ofOneStep.has(kind) && belongsTo(episode, placed(suspicion, state.lastSequence));
  const { names = [] } = episode;
  const isOfOtherTools = names.length > 0 && !facts.names.some((name) => names.includes(name));
  return !isOfOtherTools && belongsTo(episode, suspicion);
}

function episodeOf(state: RunState, suspicion: Suspicion): Episode | undefined {
  return (
    state.episodes.find((episode) => isOf(episode, suspicion, state)) ??
    state.episodes.find((episode) => goesOnIn(episode, suspicion))
  );
}

function opened(subject: Case, notice: GuardNotice): Episode {
  const { tenantId, runId } = subject.view.state.identity;
  const { kind, guard, signature, atMs, revision } = notice;
  return {
    ...openEpisode(subject),
    findingId: guardFindingIdOf({ tenantId, runId, kind, guard, signature }),
    firstAtMs: atMs,
    raisedAtMs: atMs,
    revision: revision - 1,
  };
}

function byAgentOf(
  before: AgentNotice | undefined,
  { view, suspicion }: Case,
  done: Intervention,
): AgentNotice {
  const told = suspicion.evidence.flatMap(({ stepId }) => knownStep(view.state, stepId) ?? []);
  const earlier = (before?.steps ?? []).filter((step) => !told.some(({ id }) => id === step.id));
  return {
    signature: suspicion.signature,
    intervention: stronger(before?.intervention ?? "observe", done),
    steps: [...earlier, ...told].slice(-maxKeptSteps),
  };
}

/**
 * The episode after an agent told what it noticed and did. That the model was told stands for a nudge of ours; further than
 * that nothing is taken on an agent's word.
 */
function noticed(subject: Case, episode: Episode, { intervention, atMs }: GuardNotice): Episode {
  const { state } = subject.view;
  const did = milder(intervention, "nudge");
  // Only where repetition is the matter does it go on to a pause.
  const rung = isLoopKind(episode.kind) ? did : "observe";
  const isFirstTold = did === "nudge" && episode.nudgeGivenAtMs === undefined;
  const told = isFirstTold ? { graceCalls: 0, nudgeGivenAtMs: atMs } : {};
  return {
    ...withOthers(episode, episode.kind === subject.suspicion.kind ? [] : [subject.suspicion.kind]),
    ...told,
    byAgent: byAgentOf(episode.byAgent, subject, intervention),
    revision: episode.revision + 1,
    intervention: stronger(episode.intervention, rung),
    commanded: stronger(episode.commanded, did),
    nudgedAtMs: episode.nudgedAtMs ?? (rung === "nudge" ? atMs : null),
    atSequence: state.lastSequence,
  };
}

/** A nudge of ours that is still on its way says what the agent was told already. */
function settledNudge(subject: Case, before: Episode, notice: GuardNotice): MonitorOutput[] {
  const isOnItsWay = before.commanded === "nudge" && before.nudgeGivenAtMs === undefined;
  if (!isOnItsWay || notice.intervention === "observe") return [];
  const { tenantId, runId } = subject.view.state.identity;
  const nudgeId = commandIdOf(tenantId, before.findingId, "nudge");
  const ack: Ack = {
    version: 1,
    tenantId,
    runId,
    ackId: derivedId("a", [tenantId, nudgeId, notice.guard]),
    instanceId: `guard:${notice.guard}`,
    generation: 0,
    phase: "applied",
    subject: { kind: "nudge", nudgeId },
    detail: "A guard of the agent had told the model already.",
    stepId: null,
    atMs: notice.atMs,
  };
  return [{ type: "ack", ack }];
}

function viewOf(state: RunState, { atMs, traceId, spanId }: GuardNotice): RunView {
  const place = traceId === "" ? {} : { traceId, spanId };
  const { tools, models } = state;
  return { state: { ...state, ...place }, tools, models, latest: null, nowMs: atMs };
}

/** What a guard of the agent noticed, as a revision of the episode it belongs to, or as one of its own. */
export function decideNotice(
  policy: Policy,
  state: RunState,
  notice: GuardNotice,
): { state: RunState; outputs: MonitorOutput[] } {
  const view = viewOf(state, notice);
  const suspicion = suspicionOf(state, notice);
  const rule = ruleFor(policy, state.identity.agentName, notice.kind);
  const subject: Case = { policy, rule, view, suspicion, version: `agent:${notice.guard}` };
  const known = episodeOf(state, suspicion);
  const before = known ?? opened(subject, notice);
  const after = noticed(subject, before, notice);
  const told: Case = { ...subject, suspicion: { ...suspicion, kind: after.kind } };
  const episodes = withEpisode(state.episodes, known, after);
  const lastNudgeCall = notice.intervention === "observe" ? state.lastNudgeCall : state.totals.toolCalls;
  return {
    state: { ...state, episodes, lastNudgeCall },
    outputs: [{ type: "finding", finding: findingOf(told, after) }, ...settledNudge(subject, before, notice)],
  };
}
