import type { ResultText } from "./lines.ts";
import { failureSignal, type OutcomeSignal } from "./signal.ts";

const failureClause =
  /\b(?:(?:could|can|did|does|do|was|were|is|are|has|have)(?: not|n't|n’t)\b|cannot|unable to|failed to|failed\b|failure|encountered an? (?:error|exception|problem)|an? error occurred|not (?:found|recogni[sz]ed|supported|allowed|available|permitted|implemented|valid)|no such|(?:access|permission) denied|forbidden|unauthori[sz]ed|timed out|refused|invalid|does not exist|no (?:\w+ ){0,3}(?:found|detected|provided|given|specified|selected))/i;
const reliefClause =
  /\b(?:successfully|succeeded|completed|no errors?|without errors?|0 errors?|already|created|updated|saved|done|passed)\b/i;
const maxChars = 400;
const maxLines = 4;

/** A result that is nothing but a sentence saying that the call did not work. */
export function failureSentenceSignal(result: ResultText): OutcomeSignal | null {
  if (result.lengthChars > maxChars || result.lines.length > maxLines) return null;
  const sentence = result.firstLine.split(/(?<=[.!?])\s/)[0] ?? "";
  if (!/[a-z]{2,}\s+[a-z]{2,}/i.test(sentence)) return null;
  if (!failureClause.test(sentence) || reliefClause.test(result.text)) return null;
  return failureSignal("result says", sentence);
}
