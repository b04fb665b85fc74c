import {
  type Finding,
  guardFindingIdOf,
  type ObservationOf,
  type RunSummary,
  stopReasonOfFinding,
} from "@plumbline/contracts";

/** What a guard in the agent's own process noticed, as a finding of its run. It was acted on there; nothing follows here. */
export function guardFindingOf(summary: RunSummary, observation: ObservationOf<"guard-finding">): Finding {
  const { tenantId, runId, lastSequence, lastProgressSequence, costSinceProgressMicroUsd, profile } = summary;
  const { findingKind: kind, guard, signature, confidence, intervention, revision, atMs } = observation;
  const sequence = Math.max(1, lastSequence);
  return {
    version: 1,
    tenantId,
    runId,
    findingId: guardFindingIdOf({ tenantId, runId, kind, guard, signature }),
    kind,
    detectorVersion: `agent:${guard}`,
    confidence,
    stopReason: stopReasonOfFinding[kind],
    summary: observation.summary,
    ruledOut: "",
    firstSequence: sequence,
    atSequence: lastSequence,
    lastProgressSequence,
    costSinceProgressMicroUsd,
    evidence: observation.steps.map(({ stepId, name }) => ({
      stepId,
      sequence,
      name,
      call: "",
      returned: "",
      broughtNew: false,
    })),
    intervention,
    enforced: intervention !== "observe",
    profile,
    traceId: observation.traceId,
    spanId: observation.spanId,
    firstAtMs: atMs,
    raisedAtMs: atMs,
    revision,
  };
}
