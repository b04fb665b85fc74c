import { type ApprovalRequest, messageOf } from "@plumbline/contracts";
import type { Settlement } from "../checkpoint/transition.ts";
import { debugLog } from "../transport/debug-log.ts";
import type { Question } from "./approval-desk.ts";
import { readDeciderAnswer } from "./read-answer.ts";

/** What the application's own decider says of a question. */
export interface AnswerHere {
  /** Undefined until an answer was given and taken. */
  answer: Settlement | undefined;
  /** Resolves when there is one; never where the decider leaves it to others. */
  given: Promise<void>;
}

const never = (): Promise<void> => new Promise(() => undefined);

/** Asks the application's own decider, once; one that fails or gives no fitting answer has given none. */
export function askDecider(question: Question, request: ApprovalRequest, signal: AbortSignal): AnswerHere {
  const { decide } = question.settings;
  const here: AnswerHere = { answer: undefined, given: never() };
  if (decide === undefined) return here;
  const decided = (async (): Promise<boolean> => {
    const answer = await decide(request, { input: question.input, signal });
    if (answer === undefined) return false;
    const read = await readDeciderAnswer(answer, request, question.tool);
    if (read.type === "settlement") here.answer = read.settlement;
    else debugLog("an answer to approval %s was not taken: %s", request.approvalId, read.why);
    return read.type === "settlement";
  })().catch((thrown: unknown) => {
    debugLog("the decider failed at approval %s: %s", request.approvalId, messageOf(thrown));
    return false;
  });
  here.given = decided.then((isGiven) => (isGiven ? undefined : never()));
  return here;
}
