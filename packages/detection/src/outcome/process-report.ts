import type { ResultText } from "./lines.ts";
import { failureSignal, type OutcomeSignal } from "./signal.ts";

const exitLine =
  /^\W*(?:process |command |script )?(?:exited with |finished with |returned |failed with )?(?:exit|return|status)[ _-]?(?:code|status)\W{0,3}(-?\d+)\b/i;
const exitClause =
  /\b(?:exited with (?:code|status)|non-?zero exit (?:code|status)|exit status)\W{0,3}(-?\d+)\b/i;
const httpLine = /^(?:HTTP\/[\d.]+ |HTTP (?:error |status )?(?:code )?:? ?|status(?: code)?:? )([45]\d\d)\b/i;

/** Exit codes and HTTP status lines that a wrapper printed around the output, in the first or the last lines. */
export function processReportSignal(result: ResultText): OutcomeSignal | null {
  const outer = [result.lines[0] ?? "", result.lines.at(-1) ?? "", result.lines.at(-2) ?? ""];
  for (const line of outer) {
    if (line.length > 200) continue;
    const exit = exitLine.exec(line) ?? exitClause.exec(line);
    if (exit !== null && Number(exit[1]) !== 0) return failureSignal("exit code", line);
  }
  const http = httpLine.exec(result.firstLine);
  return http === null ? null : failureSignal("HTTP status", result.firstLine);
}
