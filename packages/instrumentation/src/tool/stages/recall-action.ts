import { assertNever, RejectedError } from "@plumbline/contracts";
import type { ActionRecord } from "../../checkpoint/run-snapshot.ts";
import { failed } from "../tool-result.ts";
import type { NextToolStage, ToolCallUnderWay, ToolOutcome, ToolStage } from "../tool-stage.ts";

/** What the model gets to read of an action that may or may not have happened. */
export function unknownOutcome(toolName: string): ToolOutcome {
  return failed(
    new RejectedError(
      `OUTCOME_UNKNOWN: ${toolName} was started with these arguments before the run was interrupted. ` +
        "Whether it took effect is not known, and it was not repeated.",
      { code: "OUTCOME_UNKNOWN", mend: "Find out before you try it again." },
    ),
  );
}

/**
 * Answers a call that an earlier process of this run has made already with what came of it then, and follows the tool's
 * policy where nobody knows what came of it.
 */
export const recallAction: ToolStage = (call, next) => {
  const recalled = call.runtime.journals.of(call.run).find(call.idempotencyKey);
  return recalled === undefined ? next(call) : outcomeOf(recalled, call, next);
};

async function outcomeOf(
  recalled: ActionRecord,
  call: ToolCallUnderWay,
  next: NextToolStage,
): Promise<ToolOutcome> {
  switch (recalled.phase) {
    case "done":
      return { text: recalled.result, error: undefined };
    case "failed":
      return { text: recalled.result, error: new Error(recalled.result) };
    case "cleared":
      return unknownOutcome(call.toolName);
    case "started":
      if (call.tool?.action.onInFlight !== "skip") return next({ ...call, recalled });
      await call.runtime.journals.of(call.run).cleared(recalled.action, "skipped");
      return unknownOutcome(call.toolName);
    default:
      return assertNever(recalled.phase);
  }
}
