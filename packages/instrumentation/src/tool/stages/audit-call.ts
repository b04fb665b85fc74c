import type { ToolStage } from "../tool-stage.ts";

/**
 * Writes the audit record of the call, whatever becomes of it: also when the gate or a guard stops it before the tool is
 * asked. Outermost, so that nothing that happens to a call stays unrecorded.
 */
export const auditCall: ToolStage = async (call, next) => {
  const { audit, clock } = call.runtime;
  const startedAtMs = clock.nowMs();
  try {
    const outcome = await next(call);
    const text = outcome.error === undefined ? outcome.text : null;
    const { error, answeredBy, left } = outcome;
    audit.record(call, { startedAtMs, endedAtMs: clock.nowMs(), text, error, answeredBy, left });
    return outcome;
  } catch (error) {
    audit.record(call, { startedAtMs, endedAtMs: clock.nowMs(), text: null, error });
    throw error;
  }
};
