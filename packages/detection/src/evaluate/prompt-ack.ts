import type { Ack, Command } from "@plumbline/contracts";

/** The ack of an agent that gets every command at once, as a recorded one does. */
export function promptAckOf({ tenantId, runId, commandId, issuedAtMs }: Command): Ack {
  return {
    version: 1,
    tenantId,
    runId,
    ackId: commandId,
    instanceId: "recorded",
    generation: 0,
    phase: "applied",
    subject: { kind: "nudge", nudgeId: commandId },
    detail: "",
    stepId: null,
    atMs: issuedAtMs,
  };
}
