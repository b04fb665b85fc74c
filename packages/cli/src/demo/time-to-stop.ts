import type { RunDetail } from "@plumbline/contracts";

/** End of the last step that had ended when the command was issued: the one that decided. */
function decidingStepEndMs({ steps }: RunDetail, issuedAtMs: number): number | undefined {
  const ends = steps.flatMap(({ endMs }) => (endMs !== null && endMs <= issuedAtMs + 1 ? [endMs] : []));
  return ends.length === 0 ? undefined : Math.max(...ends);
}

/**
 * Milliseconds from the end of the step that decided to the moment the agent's gate was closed, by the first pause or
 * kill of the policy that the agent obeyed; undefined when the policy stopped nothing.
 */
export function timeToStopMs(detail: RunDetail): number | undefined {
  for (const { command, acknowledged } of detail.commands) {
    const isStop = command.verb === "pause" || command.verb === "kill";
    const applied = acknowledged.find((ack) => ack.phase === "applied");
    if (!command.issuedBy.startsWith("policy:") || !isStop || applied === undefined) continue;
    const endMs = decidingStepEndMs(detail, command.issuedAtMs);
    if (endMs !== undefined) return applied.atMs - endMs;
  }
  return undefined;
}
