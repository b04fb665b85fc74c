import type { Ack, Directive, Step } from "@plumbline/contracts";
import { withJudgement } from "./decide/judgement.ts";
import { decide } from "./decide/decide.ts";
import { decideNotice } from "./decide/notice.ts";
import { withNudgeGiven } from "./decide/settle-episodes.ts";
import { stallPausesAtMs } from "./decide/stall-patience.ts";
import { createPolicy, type Policy, ruleFor } from "./decide/policy.ts";
import type { RunView } from "./detect/detector.ts";
import { createDetectors, type ReadyDetector, rulesOfDetectors } from "./detect/registry.ts";
import { featuresOf, goalFeaturesOf } from "./features/features-of.ts";
import { hash32 } from "./features/hash.ts";
import { sentFeatures, sentGoalFeatures } from "./fingerprint/step-fingerprint.ts";
import type { Monitor, MonitorInput, MonitorOutput, MonitorProgress } from "./monitor.ts";
import { packHashes } from "./features/pack.ts";
import { seedTopic } from "./track/topic.ts";
import { comparisonOf } from "./detect/semantic-loop/comparison.ts";
import { scoresOf } from "./score/scores-of.ts";
import { shortStepId } from "./track/step-ids.ts";
import { withSimilarity } from "./track/similarity.ts";
import { addOrRevise } from "./track/revise.ts";
import { retractStep } from "./track/taken-back.ts";
import { initialState, type RunState } from "./track/run-state.ts";
import type { Tracked } from "./track/track-step.ts";

export type { RunState } from "./track/run-state.ts";

interface Change {
  state: RunState;
  outputs: readonly MonitorOutput[];
}

const maxOpenSteps = 12;
const unchanged = (state: RunState): Change => ({ state, outputs: [] });

/** Marks from after a person's resume. */
const since = <Mark extends { sequence: number }>(marks: readonly Mark[], amnesty: number): readonly Mark[] =>
  marks.every((mark) => mark.sequence > amnesty) ? marks : marks.filter((mark) => mark.sequence > amnesty);

function viewOf(state: RunState, latest: RunView["latest"], nowMs: number): RunView {
  return {
    state,
    tools: since(state.tools, state.amnesty),
    models: since(state.models, state.amnesty),
    latest,
    nowMs,
  };
}

/** What was seen until now has been judged, counting starts afresh. */
const afresh = (state: RunState): RunState => ({
  ...state,
  pauseIssued: false,
  amnesty: state.lastSequence,
  episodes: [],
});

/**
 * A person's resume starts afresh. So does a pause of ours that changed nothing, told by a directive that is known already:
 * after a crash it was decided on once more, behind its own resume.
 */
function withDirective(state: RunState, directive: Directive): RunState {
  const { generation, desired, limits } = directive;
  if (generation <= state.generation)
    return state.pauseIssued && state.desired === "running" ? afresh(state) : state;
  const next: RunState = {
    ...state,
    generation,
    desired,
    pauseIssued: state.pauseIssued && desired === "running",
    limits: { ...state.limits, ...limits },
  };
  return state.desired === "paused" && desired === "running" ? afresh(next) : next;
}

function isKnown(state: RunState, stepId: string): boolean {
  const { id } = shortStepId(state.traces, stepId);
  return (
    state.open.some((open) => open.stepId === stepId) ||
    state.tools.some((mark) => mark.id === id) ||
    state.models.some((mark) => mark.id === id)
  );
}

function withOpenStep(state: RunState, step: Step): RunState {
  const { stepId, sequence, name, kind, startMs } = step;
  if (isKnown(state, stepId)) return state;
  const open = [...state.open, { stepId, sequence, name: name.slice(0, 64), kind, startMs }].slice(
    -maxOpenSteps,
  );
  return {
    ...state,
    open,
    startMs: state.startMs === 0 ? startMs : state.startMs,
    lastMs: Math.max(state.lastMs, startMs),
    lastSequence: Math.max(state.lastSequence, sequence),
    traceId: step.traceId,
    spanId: step.spanId,
  };
}

function withAck(state: RunState, { subject, phase, atMs }: Ack): RunState {
  const seen = { ...state, hasGate: true };
  return subject.kind === "nudge" && phase === "applied" ? withNudgeGiven(seen, subject.nudgeId, atMs) : seen;
}

interface Parts {
  policy: Policy;
  seed: number;
  detectorsFor(agentName: string): readonly ReadyDetector[];
}

function judge(parts: Parts, view: RunView): Change {
  const suspected = parts.detectorsFor(view.state.identity.agentName).flatMap((detector) => {
    const suspicion = detector.inspect(view);
    return suspicion === null ? [] : [{ suspicion, version: detector.version }];
  });
  return decide(parts.policy, view, suspected);
}

function onStep(parts: Parts, state: RunState, step: Step): Change {
  if (step.state === "running" && !step.retracted) return unchanged(withOpenStep(state, step));
  const { fingerprint } = step;
  const features = fingerprint === undefined ? featuresOf(step, parts.seed) : sentFeatures(fingerprint);
  if (step.retracted) return unchanged(retractStep(state, step, features));
  const tracked: Tracked | null = addOrRevise(state, step, features);
  if (tracked === null) return unchanged(state);
  const view = viewOf(tracked.state, tracked.mark, step.endMs ?? step.startMs);
  const judged = judge(parts, view);
  const comparison = comparisonOf(view);
  const asked: MonitorOutput[] = comparison === null ? [] : [{ type: "comparison", comparison }];
  return { state: judged.state, outputs: [...scoresOf(tracked, step), ...judged.outputs, ...asked] };
}

/** An answer that comes too late, or a second time, changes nothing. */
function onSimilarity(
  parts: Parts,
  state: RunState,
  input: Extract<MonitorInput, { type: "similarity" }>,
): Change {
  const compared = withSimilarity(state, input);
  return compared === null || state.ended
    ? unchanged(state)
    : judge(parts, viewOf(compared, null, input.atMs));
}

function onTimer(parts: Parts, state: RunState, nowMs: number): Change {
  return state.ended ? unchanged(state) : judge(parts, viewOf(state, null, nowMs));
}

/** A run that starts after its end is watched afresh; what it was told to do still holds. */
function begunAnew(state: RunState): RunState {
  const { identity, hasGate, desired, generation, lastSequence } = state;
  return {
    ...initialState(identity),
    hasGate,
    desired,
    generation,
    lastSequence,
    amnesty: lastSequence,
    lastProgress: { ...initialState(identity).lastProgress, sequence: lastSequence },
  };
}

function withStart(
  { seed }: Parts,
  before: RunState,
  input: Extract<MonitorInput, { type: "run-start" }>,
): RunState {
  const state = before.ended ? begunAnew(before) : before;
  const { goalFingerprint: sent } = input;
  const features = sent === undefined ? goalFeaturesOf(input.goal, seed) : sentGoalFeatures(sent);
  const saysNothing = sent === undefined && input.goal === "";
  const goal = {
    words: packHashes(features.words, 64),
    entities: packHashes(features.entities, 32),
    waits: features.waits,
  };
  return {
    ...state,
    goal: saysNothing ? state.goal : goal,
    topic: seedTopic(state.topic, features.vocabulary),
    limits: { ...input.limits, ...state.limits },
    hasGate: input.hasGate || state.hasGate,
    startMs: state.startMs === 0 ? input.atMs : Math.min(state.startMs, input.atMs),
    lastMs: Math.max(state.lastMs, input.atMs),
  };
}

type Handlers = {
  [Type in MonitorInput["type"]]: (
    parts: Parts,
    state: RunState,
    input: Extract<MonitorInput, { type: Type }>,
  ) => Change;
};

const handlers: Handlers = {
  "run-start": (parts, state, input) => unchanged(withStart(parts, state, input)),
  step: (parts, state, { step }) => onStep(parts, state, step),
  "guard-finding": ({ policy }, state, notice) => decideNotice(policy, state, notice),
  heartbeat: (_parts, state, { atMs }) =>
    unchanged({ ...state, heartbeatMs: Math.max(state.heartbeatMs, atMs) }),
  directive: (_parts, state, { directive }) => unchanged(withDirective(state, directive)),
  ack: (_parts, state, { ack }) => unchanged(withAck(state, ack)),
  similarity: onSimilarity,
  judgement: (_parts, state, judgement) => unchanged(withJudgement(state, judgement)),
  timer: (parts, state, { nowMs }) => onTimer(parts, state, nowMs),
  "run-end": (_parts, state, { atMs }) =>
    unchanged({ ...state, ended: true, lastMs: Math.max(state.lastMs, atMs) }),
};

function next(parts: Parts, state: RunState, input: MonitorInput): Change {
  const handle = handlers[input.type] as (parts: Parts, state: RunState, input: MonitorInput) => Change;
  return handle(parts, state, input);
}

function quietUntilMs(parts: Parts, state: RunState, nowMs: number): number {
  if (state.ended) return Number.POSITIVE_INFINITY;
  const view = viewOf(state, null, nowMs);
  const detectors = parts.detectorsFor(state.identity.agentName);
  const escalations = state.episodes.map(stallPausesAtMs).filter((atMs) => atMs > nowMs);
  return Math.min(...detectors.map((detector) => detector.sameUntilMs(view)), ...escalations);
}

function progressOf(state: RunState): MonitorProgress {
  const stuck = state.episodes.some(
    (episode) => episode.intervention !== "observe" && episode.atSequence > state.lastProgress.sequence,
  );
  return {
    score: state.progress,
    lastProgressSequence: state.lastProgress.sequence,
    lastProgressAtMs: state.lastProgress.atMs,
    costSinceProgressMicroUsd: Math.max(0, state.totals.costMicroUsd - state.lastProgress.spent),
    stuck,
  };
}

/**
 * The one facade of detection: features, run state, progress, detectors and policy as a pure reducer. The analyzer, the
 * agent's own loop guard, evaluation and replay all use it.
 */
export function createMonitor(policy: Policy = createPolicy()): Monitor<RunState> {
  const byAgent = new Map<string, readonly ReadyDetector[]>();
  const detectorsFor = (agentName: string): readonly ReadyDetector[] => {
    const key = agentName in policy.agents ? agentName : "";
    const known = byAgent.get(key);
    if (known !== undefined) return known;
    const detectors = createDetectors((kind) => ruleFor(policy, agentName, kind));
    byAgent.set(key, detectors);
    return detectors;
  };
  const rules = JSON.stringify([policy, rulesOfDetectors()]);
  const parts: Parts = { policy, seed: hash32(policy.featureKey, 0), detectorsFor };
  return {
    rules: hash32(rules, 0).toString(36) + hash32(rules, 1).toString(36),
    begin: initialState,
    next: (state, input) => next(parts, state, input),
    progressOf,
    quietUntilMs: (state, nowMs) => quietUntilMs(parts, state, nowMs),
  };
}
