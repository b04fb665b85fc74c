import {
  type Command,
  type Finding,
  findingKinds,
  interventions,
  isTerminal,
  isToolCallPart,
  type Observation,
  type Step,
} from "@plumbline/contracts";
import { type Effects, noEffects } from "../runs/effects.ts";
import { foldRun } from "../runs/fold-run.ts";
import { initialRunState, type RunParts, type RunState } from "../runs/run-state.ts";
import type {
  BacktestedEnding,
  BacktestedFinding,
  BacktestedMoment,
  BacktestedRun,
} from "./backtested-run.ts";

/** A run that more telemetry may still belong to. Plain JSON. */
export interface OpenRun {
  state: RunState;
  nudge: BacktestedMoment | null;
  hold: BacktestedMoment | null;
  findings: BacktestedFinding[];
  /** The last step so far, and whether it was a reply to whoever asked. */
  last: { sequence: number; isReply: boolean };
}

const maxFindings = 20;

export function openRun(parts: RunParts, { tenantId, affinity, agentName, atMs }: Observation): OpenRun {
  const state = initialRunState(parts, { tenantId, runId: affinity, agentName, atMs });
  return { state, nudge: null, hold: null, findings: [], last: { sequence: 0, isReply: false } };
}

const rank = (intervention: Finding["intervention"]): number => interventions.indexOf(intervention);

function withFinding(findings: BacktestedFinding[], finding: Finding): BacktestedFinding[] {
  const { findingId, kind, confidence, summary, intervention, firstSequence, atSequence } = finding;
  const index = findings.findIndex((known) => known.findingId === findingId);
  const known = findings[index];
  if (known !== undefined && rank(known.intervention) >= rank(intervention)) return findings;
  const told = { findingId, kind, confidence, summary, intervention };
  const entry = { ...told, firstStep: firstSequence, atStep: atSequence };
  if (known !== undefined) return findings.with(index, entry);
  return findings.length >= maxFindings ? findings : [...findings, entry];
}

function momentOf(command: Command, run: OpenRun, findings: readonly Finding[]): BacktestedMoment | null {
  const { findingId, issuedBy, issuedAtMs: atMs } = command;
  const kind = findingKinds.find((known) => issuedBy.startsWith(`policy:${known}@`));
  if (findingId === null || kind === undefined) return null;
  const { lastSequence, costMicroUsd } = run.state.summary;
  const raised = findings.findLast((finding) => finding.findingId === findingId);
  return { findingId, kind, atStep: raised?.atSequence ?? lastSequence, atMs, costMicroUsd };
}

function withCommand(run: OpenRun, command: Command, findings: readonly Finding[]): OpenRun {
  const moment = momentOf(command, run, findings);
  if (command.verb === "nudge") return { ...run, nudge: run.nudge ?? moment };
  if (command.verb === "pause" || command.verb === "kill") return { ...run, hold: run.hold ?? moment };
  return run;
}

/** A model call that asked for no tool answered whoever had asked. */
function isReply({ kind, state, model, outcome }: Step): boolean {
  if (kind !== "model" || state !== "ended" || model === null || outcome.class === "error") return false;
  const { finishReasons, output } = model;
  if (output.some(({ parts }) => parts.some(isToolCallPart))) return false;
  return finishReasons.length === 0
    ? output.length > 0
    : !finishReasons.some((reason) => /tool|function/i.test(reason));
}

function lastAfter(last: OpenRun["last"], steps: readonly Step[]): OpenRun["last"] {
  let latest = last;
  for (const step of steps) {
    if (!step.retracted && step.sequence >= latest.sequence)
      latest = { sequence: step.sequence, isReply: isReply(step) };
  }
  return latest;
}

/** The run after one more observation; `offset` grows with every observation of the backtest. */
export function advanceRun(
  run: OpenRun,
  next: { observation: Observation; offset: number },
  parts: RunParts,
): OpenRun {
  const effects: Effects = noEffects();
  const state = foldRun(run.state, { type: "observation", ...next }, { parts, effects });
  const findings = effects.findings.reduce(withFinding, run.findings);
  const advanced: OpenRun = { ...run, state, findings, last: lastAfter(run.last, effects.steps) };
  return effects.commands.reduce((told, command) => withCommand(told, command, effects.findings), advanced);
}

function endingOf({ state, last }: OpenRun): BacktestedEnding {
  const { summary, pendingEnd } = state;
  if (isTerminal(summary.status)) return summary.status === "completed" ? "completed" : "failed";
  if (pendingEnd !== null) return pendingEnd.failed ? "failed" : "completed";
  return last.isReply ? "answered" : "unknown";
}

/** What is kept of a run once nothing more is expected of it; null for one that made no step. */
export function closeRun(run: OpenRun): BacktestedRun | null {
  const { summary } = run.state;
  if (summary.modelCalls + summary.toolCalls === 0) return null;
  return {
    runId: summary.runId,
    agent: summary.agentName === "" ? summary.service : summary.agentName,
    goal: summary.goal.slice(0, 200),
    ending: endingOf(run),
    startedAtMs: summary.startedAtMs,
    endedAtMs: summary.lastSeenAtMs,
    steps: summary.lastSequence,
    costMicroUsd: summary.costMicroUsd,
    unpricedCalls: summary.unpricedCalls,
    lastProgressStep: summary.lastProgressSequence,
    costSinceProgressMicroUsd: summary.costSinceProgressMicroUsd,
    endedStuck: summary.stuck,
    nudge: run.nudge,
    hold: run.hold,
    findings: run.findings,
  };
}
