import { derivedId, RejectedError } from "@plumbline/contracts";
import type { Question } from "../../approval/approval-desk.ts";
import { argumentsHash, needsApproval } from "../../approval/approval-question.ts";
import type { ApprovalSettings } from "../../approval/approval-settings.ts";
import type { Settlement } from "../../checkpoint/transition.ts";
import { ApprovalDeniedError, runStoppedIn } from "../../errors.ts";
import type { RunRecord } from "../../run/run-record.ts";
import type { Runtime } from "../../runtime.ts";
import { failed } from "../tool-result.ts";
import type { NextToolStage, ToolCallUnderWay, ToolOutcome, ToolStage } from "../tool-stage.ts";
import { unknownOutcome } from "./recall-action.ts";

/** What people are asked about in a run: a child's as its parent's, unless it says otherwise. */
export function approvalSettingsOf({ settings }: Runtime, run: RunRecord): ApprovalSettings {
  const declared = run.lineage().find((one) => one.declaration.approvals !== undefined);
  return declared?.declaration.approvals ?? settings.approvals;
}

/** Undefined when nobody needs to be asked. */
function questionOf(call: ToolCallUnderWay): Question | undefined {
  const { run, runtime, tool, recalled, callKey, stepId, argumentsText, input } = call;
  if (tool === undefined) return undefined;
  const settings = approvalSettingsOf(runtime, run);
  const mayHaveHappened = recalled !== undefined && tool.action.onInFlight === "ask";
  if (!mayHaveHappened && !needsApproval(settings, tool.action)) return undefined;
  const inFlightCheckpointId = mayHaveHappened ? recalled.action.checkpointId : null;
  const { signal } = call.cancellation;
  return { run, tool, settings, callKey, stepId, argumentsText, input, inFlightCheckpointId, signal };
}

function refusalOf(call: ToolCallUnderWay, { message, timedOut, by }: Settlement): RejectedError {
  const { toolName } = call;
  const said = message === "" ? "" : `: ${message}`;
  if (timedOut) {
    return new RejectedError(`APPROVAL_TIMEOUT: nobody allowed ${toolName} in time. It was not done.`, {
      code: "APPROVAL_TIMEOUT",
    });
  }
  return new RejectedError(`APPROVAL_DENIED: ${toolName} was not allowed by ${by}${said}. It was not done.`, {
    code: "APPROVAL_DENIED",
    mend: "Do not try the same again.",
  });
}

async function denied(
  call: ToolCallUnderWay,
  question: Question,
  settlement: Settlement,
): Promise<ToolOutcome> {
  const { run, runtime, recalled, toolName } = call;
  if (recalled !== undefined) await runtime.journals.of(run).cleared(recalled.action, "not to be repeated");
  if (question.settings.onDenied === "stop") {
    const why = settlement.timedOut ? `nobody allowed ${toolName} in time` : settlement.message;
    const reason = settlement.timedOut ? "APPROVAL_TIMEOUT" : "APPROVAL_DENIED";
    throw new ApprovalDeniedError(reason, { runId: run.runId, why });
  }
  return recalled === undefined ? failed(refusalOf(call, settlement)) : unknownOutcome(toolName);
}

/** The call with the arguments that a person put in the place of the model's; other arguments are another action. */
async function edited(call: ToolCallUnderWay, text: string): Promise<ToolCallUnderWay> {
  const parsed = await call.tool?.parse(JSON.parse(text));
  if (parsed?.ok !== true) throw new Error("Edited arguments are checked when the answer is taken.");
  call.learned.argumentsText = text;
  const idempotencyKey = derivedId("i", [call.callKey, argumentsHash(text)]);
  return { ...call, argumentsText: text, input: parsed.value, idempotencyKey };
}

async function approved(
  call: ToolCallUnderWay,
  settlement: Settlement,
  next: NextToolStage,
): Promise<ToolOutcome> {
  const { run, runtime, cancellation, learned } = call;
  const { by, approvalId, editedArguments } = settlement;
  learned.authorisedBy = `${by}, approval ${approvalId}`;
  // Minutes may have passed: a pause or kill that came meanwhile holds.
  await runtime.gate.passAgain(run, cancellation.signal);
  return next(editedArguments === null ? call : await edited(call, editedArguments));
}

/** Asks a person before an action that needs it, and goes on only with a yes. */
export const approve: ToolStage = (call, next) => {
  const question = questionOf(call);
  return question === undefined ? next(call) : asked(call, question, next);
};

async function asked(call: ToolCallUnderWay, question: Question, next: NextToolStage): Promise<ToolOutcome> {
  let settlement: Settlement;
  try {
    settlement = await call.runtime.approvals.settle(question);
  } catch (thrown) {
    const stopped = runStoppedIn(thrown);
    if (stopped !== undefined) throw stopped;
    return failed(thrown);
  }
  return settlement.decision === "approved"
    ? approved(call, settlement, next)
    : denied(call, question, settlement);
}
