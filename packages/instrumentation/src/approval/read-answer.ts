import { type ApprovalDecision, type ApprovalRequest, messageOf } from "@plumbline/contracts";
import type { Settlement } from "../checkpoint/transition.ts";
import type { RegisteredTool } from "../tool/tool.ts";
import type { DeciderAnswer } from "./approval-settings.ts";

export type ReadAnswer =
  | { type: "settlement"; settlement: Settlement }
  | { type: "refusal"; phase: "expired" | "rejected"; why: string };

const rejected = (why: string): ReadAnswer => ({ type: "refusal", phase: "rejected", why });

/** What is wrong with edited arguments; undefined when the tool takes them. */
async function problemOf(text: string, tool: RegisteredTool): Promise<string | undefined> {
  let input: unknown;
  try {
    input = JSON.parse(text);
  } catch (thrown) {
    return `the edited arguments are not JSON: ${messageOf(thrown)}`;
  }
  const parsed = await tool.parse(input);
  return parsed.ok ? undefined : `the edited arguments don't fit ${tool.name}: ${parsed.problems}`;
}

/** A decision out of the directive: given in time, for these arguments, with edits that the tool takes. */
export async function readDecision(
  answer: ApprovalDecision,
  request: ApprovalRequest,
  tool: RegisteredTool,
): Promise<ReadAnswer> {
  const { decision, argsHash, by, editedArguments, message, decidedAtMs } = answer;
  if (decidedAtMs > request.expiresAtMs)
    return { type: "refusal", phase: "expired", why: "the answer came after the deadline" };
  if (argsHash !== request.argsHash) return rejected("the answer was given for other arguments");
  const { approvalId } = request;
  const settlement = { approvalId, decision, by, editedArguments, message, timedOut: false };
  if (decision === "denied" || editedArguments === null) return { type: "settlement", settlement };
  const problem = await problemOf(editedArguments, tool);
  return problem === undefined ? { type: "settlement", settlement } : rejected(problem);
}

/** The same for an answer of the application's own decider. */
export function readDeciderAnswer(
  answer: DeciderAnswer,
  request: ApprovalRequest,
  tool: RegisteredTool,
): Promise<ReadAnswer> {
  const { decision, by = "callback", message = "", editedArguments } = answer;
  const edited = editedArguments === undefined ? null : JSON.stringify(editedArguments);
  const given = {
    decision,
    by,
    message,
    editedArguments: edited,
    argsHash: request.argsHash,
    decidedAtMs: 0,
  };
  return readDecision(given, request, tool);
}
