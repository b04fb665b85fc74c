import type { ResultText } from "./lines.ts";
import { failureSignal, type OutcomeSignal } from "./signal.ts";

const notFound =
  /\b(?:could not find|couldn't find|not found|no (?:exact )?match(?:es)?|nothing found|no results?)\b/i;
const alternatives =
  /\b(?:similar|did you mean|suggestions?|related|closest|nearest|alternatives?|try one of|available)\b[^:[(]{0,40}[:[(](.*)$/is;
const quoted = /'((?:[^'\\]|\\.)+)'|"((?:[^"\\]|\\.)+)"/g;

const normal = (text: string): string =>
  text
    .replaceAll(/["'[\]]/g, "")
    .trim()
    .toLowerCase();

/**
 * A search that missed and offers alternatives came back empty; one that offers exactly what was asked for
 * contradicts itself and failed.
 */
export function nearMissSignal(result: ResultText, asked: string): OutcomeSignal | null {
  if (result.lengthChars > 3000 || !notFound.test(result.firstLine.slice(0, 200))) return null;
  const offered = alternatives.exec(result.text)?.[1];
  if (offered === undefined) return null;
  const wanted = normal(asked);
  const names = [...offered.matchAll(quoted)].map((match) => normal(match[1] ?? match[2] ?? ""));
  if (wanted !== "" && names.includes(wanted))
    return failureSignal("not found, yet offered", result.firstLine);
  return { class: "empty", evidence: "not found, alternatives offered", message: null };
}
