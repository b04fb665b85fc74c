import { type Finding, stopReasonOfFinding } from "@plumbline/contracts";
import { barrenStep, type RunView, type SuspectStep, type Suspicion } from "../detect/detector.ts";
import type { Case } from "./case.ts";
import type { Episode } from "./episode.ts";
import { othersOf } from "./explanation.ts";
import { stronger } from "./ladder.ts";

const maxEvidence = 12;

/** Money spent since the step before the evidence. */
function costSince(view: RunView, sequence: number): number {
  const { state } = view;
  const before = [...state.tools, ...state.models]
    .filter((mark) => mark.sequence <= sequence)
    .sort((a, b) => a.sequence - b.sequence);
  const spent =
    before.at(-1)?.spent ?? (sequence <= state.lastProgress.sequence ? state.lastProgress.spent : 0);
  return Math.max(0, state.totals.costMicroUsd - spent);
}

/** What the calls in question fail with: the same in every run that the same thing is broken for. */
function failureOf(view: RunView, { evidence }: Suspicion): string | undefined {
  const steps = new Set(evidence.map(({ sequence }) => sequence));
  const failed = view.tools.findLast((mark) => steps.has(mark.sequence) && mark.failure !== 0);
  return failed?.failure.toString(36);
}

/** What proves it now, and what a guard of the agent named before. */
function evidenceOf({ view, suspicion }: Case, { byAgent }: Episode): SuspectStep[] {
  const latest = suspicion.evidence.slice(-maxEvidence);
  const own = new Set(latest.map(({ sequence }) => sequence));
  const named = (byAgent?.steps ?? []).filter(({ sequence }) => !own.has(sequence));
  const steps = named.map((step) => barrenStep(view, step));
  const found = latest.slice(Math.max(0, latest.length + steps.length - maxEvidence));
  return [...steps, ...found].toSorted((a, b) => a.sequence - b.sequence);
}

/** The finding that an episode amounts to now. */
export function findingOf(subject: Case, episode: Episode): Finding {
  const { view, rule, suspicion, version } = subject;
  const { state } = view;
  const byAgent = episode.byAgent?.intervention ?? "observe";
  const also = othersOf(episode);
  const failure = failureOf(view, suspicion);
  return {
    version: 1,
    tenantId: state.identity.tenantId,
    runId: state.identity.runId,
    findingId: episode.findingId,
    kind: suspicion.kind,
    detectorVersion: version,
    confidence: Math.round(suspicion.confidence * 1000) / 1000,
    stopReason: stopReasonOfFinding[suspicion.kind],
    summary: suspicion.summary,
    ruledOut: suspicion.ruledOut,
    firstSequence: episode.firstSequence,
    atSequence: state.lastSequence,
    lastProgressSequence: episode.lastProgressSequence,
    costSinceProgressMicroUsd: costSince(view, episode.lastProgressSequence),
    ...(also === undefined ? {} : { also }),
    ...(failure === undefined ? {} : { failure }),
    evidence: evidenceOf(subject, episode).map((step) => ({ ...step, call: "", returned: "" })),
    intervention: stronger(episode.intervention, byAgent),
    enforced: (rule.enforce && state.hasGate) || byAgent !== "observe",
    profile: rule.profile,
    traceId: state.traceId,
    spanId: state.spanId,
    firstAtMs: episode.firstAtMs,
    raisedAtMs: episode.raisedAtMs,
    revision: episode.revision,
  };
}
