import { context } from "@opentelemetry/api";
import { runStoppedIn } from "../../errors.ts";
import type { ToolEnd } from "../../observe/tool-attributes.ts";
import type { ToolCallUnderWay, ToolOutcome, ToolStage } from "../tool-stage.ts";

function endOf({ learned }: ToolCallUnderWay, outcome: ToolOutcome | undefined): ToolEnd {
  const { attempts, ungroundedIds } = learned;
  const result = outcome?.text ?? null;
  return { result, attempts, ungroundedIds: ungroundedIds.length, failureClass: outcome?.failure };
}

/**
 * Tells of the call as a step: its start, its end, what came of it.
 * @throws RunStoppedError when the run was stopped meanwhile; the step has ended then as well
 */
export const observeCall: ToolStage = async (call, next) => {
  const { run, runtime, tool, toolName, callId, argumentsText } = call;
  const step = runtime.steps.startTool(run, {
    toolName,
    description: tool?.description,
    callId: callId === "" ? null : callId,
    arguments: argumentsText,
    traits: tool?.traits ?? {},
  });
  call.learned.stepId = step.stepId;
  let outcome: ToolOutcome | undefined;
  let thrown: unknown;
  try {
    outcome = await context.with(step.span.context, () => next({ ...call, stepId: step.stepId }));
  } catch (error) {
    thrown = error;
    throw error;
  } finally {
    step.end(endOf(call, outcome), outcome === undefined ? thrown : outcome.error);
  }
  const stopped = runStoppedIn(outcome.error) ?? run.stopInForce();
  if (stopped !== undefined) throw stopped;
  return outcome;
};
