import type { ResultText } from "./lines.ts";
import { failureSignal, type OutcomeSignal } from "./signal.ts";

const exitLine =
  /^\W*(?:process |command |script )?(?:exited with |finished with |returned |failed with )?(?:exit|return|status)[ _-]?(?:code|status)\W{0,3}(-?\d+)\b/i;
const exitClause =
  /\b(?:exited with (?:code|status)|non-?zero exit (?:code|status)|exit status)\W{0,3}(-?\d+)\b/i;
const httpLine = /^(?:HTTP\/[\d.]+ |HTTP (?:error |status )?(?:code )?:? ?|status(?: code)?:? )([45]\d\d)\b/i;

const failedStatus = /^(?:status|result|outcome): *"?(?:error|failed|failure|fail)"?$/i;
const reasonLine = /^(?:message|reason|error|detail|details): *\S/i;
const maxEnvelopeLines = 6;

/** The reason in an envelope that tells line by line that it failed, and why. */
function reasonToldByLine({ lines }: ResultText): string | undefined {
  const isFailure = lines.length <= maxEnvelopeLines && lines.some((line) => failedStatus.test(line));
  return isFailure ? lines.find((line) => reasonLine.test(line)) : undefined;
}

function reportsExit(line: string): boolean {
  if (line.length > 200) return false;
  const exit = exitLine.exec(line) ?? exitClause.exec(line);
  return exit !== null && Number(exit[1]) !== 0;
}

/** Exit codes and HTTP status lines that a wrapper printed around the output, in the first or the last lines. */
export function processReportSignal(result: ResultText): OutcomeSignal | null {
  const outer = [...result.lines.slice(0, 1), ...result.lines.slice(-2)];
  const exit = outer.find(reportsExit);
  if (exit !== undefined) return failureSignal("exit code", exit);
  const reason = reasonToldByLine(result);
  if (reason !== undefined) return failureSignal("status", reason);
  const isStatusOnly = result.lines.length <= 2 && httpLine.test(result.firstLine);
  return isStatusOnly ? failureSignal("HTTP status", result.firstLine) : null;
}
