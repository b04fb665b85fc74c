import { type Command, derivedId, type Intervention, stopReasonOfFinding } from "@plumbline/contracts";
import type { Case } from "./case.ts";
import type { Episode } from "./episode.ts";
import { nudgeTextFor } from "./nudge-text.ts";

/** One command per finding and rung of the ladder, whoever decides and however often. */
export function commandIdOf(tenantId: string, findingId: string, rung: Intervention): string {
  return derivedId("k", [tenantId, findingId, rung]);
}

/** The command that a rung of the ladder means; null where it means none. */
export function commandOf(subject: Case, episode: Episode, rung: Intervention): Command | null {
  const { view, suspicion, version, policy } = subject;
  const { tenantId, runId } = view.state.identity;
  const common = {
    version: 1 as const,
    type: "command" as const,
    tenantId,
    runId,
    commandId: commandIdOf(tenantId, episode.findingId, rung),
    issuedBy: `policy:${suspicion.kind}@${version}`,
    issuedAtMs: view.nowMs,
    findingId: episode.findingId,
    message: suspicion.summary,
  };
  if (rung === "nudge")
    return { ...common, verb: "nudge", text: nudgeTextFor(suspicion, policy.nudgeTexts[suspicion.kind]) };
  const reason = stopReasonOfFinding[suspicion.kind];
  if (reason === null || rung === "observe") return null;
  return { ...common, verb: rung, reason };
}
