import type { ResultText } from "./lines.ts";
import { failureSignal, type OutcomeSignal } from "./signal.ts";

/** A sentence that begins with the failure: it has no other subject than the call itself. */
const failureOpening =
  /^(?:(?:oops|sorry|unfortunately|warning|error|failure|failed|exception)\W{1,3})?(?:(?:i|we) )?(?:(?:was|were|am|are) unable to|could(?: not|n't)|can(?:not|'t| not)|unable to|failed to|failure to|not found\b|invalid\b|no such\b|(?:access|permission|request) (?:was |is )?denied|unauthori[sz]ed|forbidden|time(?:d )?out|request (?:failed|timed out)|connection (?:failed|refused|reset|timed out)|unknown (?:\w+ )?(?:tool|function|command|action|method|argument|parameter|field|id)|unsupported\b|missing (?:required )?\w+|no (?:[\w-]+ ){1,4}(?:was |were |is |are )?(?:found|detected|provided|given|specified|selected|recogni[sz]ed)\b|there (?:is|are|was|were) no [^.]{0,60}\bto (?:execute|run|process|perform|apply|open|read|send|parse)\b)/i;

/** A sentence that says of something else that it failed. */
const failureClause =
  /\b(?:encountered an? (?:\w+ )?(?:error|exception|problem)|an? (?:\w+ )?error (?:has )?occurred|(?:was|were|is|are) not (?:found|recogni[sz]ed|supported|allowed|permitted|valid|implemented|registered)|did not (?:contain|match|return|complete|respond|provide)|does(?: not|n't) exist|do not exist|(?:could|can)(?: ?not|n't) be (?:found|located|read|opened|reached|executed|completed|processed|loaded|parsed|retrieved)|(?:is|was|were) (?:invalid|missing|denied|rejected|refused|malformed)|(?:has|have) (?:failed|expired)|failed (?:to|with|because|due)|timed out|so (?:you|i|we) cannot)\b/i;

const stateOfTheWorld =
  /^(?:your|his|her|their|our|my|this (?:phone|device|account|order|user|customer)|the (?:customer|user|account|phone|device))\b/i;
const aboutChecks = /\b(?:tests?|test cases?|assertions?|specs?|lint|checks?)\b/i;
const reliefClause =
  /\b(?:successfully|succeeded|no errors?|without errors?|0 errors?|created|updated|saved)\b/i;
const instruction = /\b(?:please|should be|must be|try again|make sure|instead|provide)\b/i;
const askedBack =
  /\b(?:could|can|would) you (?:please )?(?:provide|specify|clarify|share|tell|give)\b|\bplease (?:provide|specify|clarify)\b/i;
const inputIsLacking =
  /\b(?:incomplete|empty|missing|unclear|placeholder|not (?:provided|specified|given|clear)|no (?:\w+ )?(?:query|input|question|code))\b/i;

const limits = {
  plainChars: 400,
  plainLines: 4,
  instructiveChars: 1200,
  sentenceChars: 220,
  clauseAt: 90,
} as const;

function isShort(result: ResultText): boolean {
  if (result.lengthChars <= limits.plainChars && result.lines.length <= limits.plainLines) return true;
  return (
    result.lengthChars <= limits.instructiveChars &&
    instruction.test(result.text.slice(result.firstLine.length))
  );
}

function saysFailure(sentence: string): boolean {
  if (sentence.length > limits.sentenceChars || aboutChecks.test(sentence) || stateOfTheWorld.test(sentence))
    return false;
  if (failureOpening.test(sentence)) return true;
  const clause = failureClause.exec(sentence);
  return clause !== null && clause.index <= limits.clauseAt;
}

/** A result that is nothing but a sentence saying that the call did not work, or that asks for the input it lacks. */
export function failureSentenceSignal(result: ResultText): OutcomeSignal | null {
  if (!isShort(result)) return null;
  const sentence = result.firstLine.split(/(?<=[.!?])\s/)[0] ?? "";
  if (!/[a-z]{2,}\W+[a-z]{2,}/i.test(sentence)) return null;
  if (askedBack.test(result.text) && inputIsLacking.test(result.text))
    return failureSignal("asks for its input", sentence);
  if (!saysFailure(sentence) || reliefClause.test(result.firstLine)) return null;
  return failureSignal("result says", sentence);
}
