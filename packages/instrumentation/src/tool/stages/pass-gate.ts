import type { OpenCall } from "../../run/run-record.ts";
import type { RunStoppedError } from "../../errors.ts";
import type { ToolStage } from "../tool-stage.ts";

/**
 * Lets a call through when the run may go on, keeps it within reach of a kill while it is under way, and lets nothing out
 * of a run that was stopped meanwhile.
 */
export const passGate: ToolStage = async (call, next) => {
  const { run, runtime, cancellation, givenUpBy, toolName } = call;
  const onPass = (): void => runtime.count(run, { steps: 1, toolCalls: 1 });
  const wait = runtime.gate.pass(run, { kind: "tool", toolName, onPass }, givenUpBy);
  if (wait !== undefined) await wait;
  const open: OpenCall = { abort: (error: RunStoppedError) => cancellation.abort(error) };
  run.openCalls.add(open);
  try {
    return await next(call);
  } finally {
    run.openCalls.delete(open);
    runtime.runs.touch(run, runtime.clock.nowMs());
    runtime.gate.settle(run);
  }
};
