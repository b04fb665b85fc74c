import type { ToolCallContext } from "./tool.ts";
import type { ToolCallUnderWay } from "./tool-stage.ts";

/** What a tool gets to know of a call. */
export function callContext(call: ToolCallUnderWay): ToolCallContext {
  const { run, toolName, callId, idempotencyKey, cancellation } = call;
  return {
    runId: run.runId,
    toolName,
    callId,
    idempotencyKey,
    get signal() {
      return cancellation.signal;
    },
  };
}
