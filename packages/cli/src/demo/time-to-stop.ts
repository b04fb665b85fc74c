import type { RunDetail } from "@plumbline/contracts";

/**
 * Milliseconds from the end of the step that decided to the moment the agent's gate was closed, by the first pause or
 * kill of the policy that the agent obeyed; undefined when the policy stopped nothing.
 */
export function timeToStopMs({ steps, findings, commands }: RunDetail): number | undefined {
  for (const { command, acknowledged } of commands) {
    if (!command.issuedBy.startsWith("policy:") || (command.verb !== "pause" && command.verb !== "kill"))
      continue;
    const applied = acknowledged.find((ack) => ack.phase === "applied");
    const finding = findings.find(({ findingId }) => findingId === command.findingId);
    const decidingStep = steps
      .filter((step) => step.endMs !== null && step.endMs <= command.issuedAtMs + 1)
      .sort((a, b) => (b.endMs ?? 0) - (a.endMs ?? 0))[0];
    if (
      applied === undefined ||
      finding === undefined ||
      decidingStep === undefined ||
      decidingStep.endMs === null
    )
      continue;
    return applied.atMs - decidingStep.endMs;
  }
  return undefined;
}
