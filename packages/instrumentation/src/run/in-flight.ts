import type { Runtime } from "../runtime.ts";
import type { RegisteredTool } from "../tool/tool.ts";
import type { ToolExecutor } from "../tool/tool-executor.ts";
import type { RunRecord } from "./run-record.ts";

/** An external action that was under way when the process before this one ended. */
export interface InFlightAction {
  checkpointId: string;
  toolName: string;
  /** The model's id of the call. */
  callId: string;
  /** As JSON text. */
  arguments: string;
  idempotencyKey: string;
  /** Last text of the model before the action. */
  reasoning: string;
  startedAtMs: number;
}

/** What became of one. */
export interface SettledAction extends InFlightAction {
  /** As the model gets to read it. */
  result: string;
}

export function inFlightActions(runtime: Runtime, record: RunRecord): InFlightAction[] {
  return runtime.journals
    .of(record)
    .inFlight()
    .map(({ action, startedAtMs }) => {
      const { checkpointId, toolName, callId, argumentsText, idempotencyKey, reasoning } = action;
      return {
        checkpointId,
        toolName,
        callId,
        arguments: argumentsText,
        idempotencyKey,
        reasoning,
        startedAtMs,
      };
    });
}

/** One after the other, in the order they were begun. */
export async function settleActions(parts: {
  runtime: Runtime;
  record: RunRecord;
  tools: ReadonlyMap<string, RegisteredTool>;
  executor: ToolExecutor;
}): Promise<SettledAction[]> {
  const { runtime, record, tools, executor } = parts;
  const journal = runtime.journals.of(record);
  const settled: SettledAction[] = [];
  for (const known of inFlightActions(runtime, record)) {
    const action = journal.inFlight().find((one) => one.action.checkpointId === known.checkpointId)?.action;
    if (action === undefined || !tools.has(action.toolName)) continue;
    settled.push({ ...known, result: await executor.settle(action) });
  }
  return settled;
}
