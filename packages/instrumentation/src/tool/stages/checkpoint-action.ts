import type { Action } from "../../checkpoint/transition.ts";
import { runStoppedIn } from "../../errors.ts";
import { failed } from "../tool-result.ts";
import type { NextToolStage, ToolCallUnderWay, ToolOutcome, ToolStage } from "../tool-stage.ts";

async function write(call: ToolCallUnderWay): Promise<Action> {
  const { run, runtime, stepId, toolName, callId, callKey, idempotencyKey, argumentsText } = call;
  const { journals } = runtime;
  await journals.beginAbove(run);
  return journals.of(run).actionStarted({
    callKey,
    stepId,
    toolName,
    callId,
    argumentsText,
    idempotencyKey,
    reasoning: run.lastModelText,
  });
}

/** A failed call that was cut off, in whichever attempt, may have taken effect: nobody heard its answer. */
const isUncertain = ({ learned, cancellation }: ToolCallUnderWay, { error }: ToolOutcome): boolean =>
  error !== undefined &&
  (learned.timedOut || cancellation.reason !== undefined || runStoppedIn(error) !== undefined);

/**
 * Writes down an external action before it begins and what came of it after, so that whoever resumes the run knows. An
 * action that was cut off stays in flight.
 */
export const checkpointAction: ToolStage = (call, next) =>
  call.tool?.action.isExternal === true ? performWritten(call, next) : next(call);

async function performWritten(call: ToolCallUnderWay, next: NextToolStage): Promise<ToolOutcome> {
  const journal = call.runtime.journals.of(call.run);
  let action: Action;
  try {
    action = await write(call);
  } catch (thrown) {
    const stopped = runStoppedIn(thrown);
    if (stopped !== undefined) throw stopped;
    return failed(thrown);
  }
  const outcome = await next(call);
  if (outcome.left === true) await journal.actionLeft(action);
  else if (!isUncertain(call, outcome)) {
    await journal.actionEnded(action, outcome.error === undefined ? "done" : "failed", outcome.text);
  }
  return outcome;
}
