import type { ResultText } from "./lines.ts";
import { failureSignal, type OutcomeSignal } from "./signal.ts";

/** What operating systems, shells and interpreters say when a call does not work; messages of libc and POSIX tools. */
const systemMessage =
  /\b(?:command not found|no such file or directory|permission denied|cannot (?:access|stat|open|create|remove|read|find|execute|overwrite|connect)|not a directory|is a directory|file exists|no such (?:device|process|container|host|column|table|user|option)|connection (?:refused|reset|timed out)|could not resolve host|network is unreachable|broken pipe|bad (?:option|substitution|interpreter)|syntax error|unexpected (?:token|end of file|eof|keyword|indent)|unterminated|missing (?:argument|operand|destination)|invalid (?:option|argument|syntax|-\w+)|illegal option|unrecogni[sz]ed (?:option|argument|command)|unknown (?:option|command|primary|predicate|flag)|extra operand|ambiguous redirect|operation not permitted|read-only file system|no space left|argument list too long|unsupported compiler|segmentation fault|killed|cannot be resolved|undefined reference)\b/i;

/** `program: … message`, the form of shell and POSIX diagnostics. */
const programPrefix = /^(?:[\w./+-]+(?:\[\d+\])?|'[^']+'|-?\w+): ?(?:line \d+: |error: |fatal: |\d+: )?\S/;
const errorPrefix =
  /^(?:\[Errno \d+\] |[×✗] |\[?(?:fatal|error|err!?|critical|exception|fehler|erreur|errore|erro|fout)\]?(?: \w+)?(?: ?\([^)]*\))? ?: |(?:エラー|错误|錯誤|오류) ?[:：]|(?:error|exception) (?:executing|processing|running|while|during|in|at|from|occurred|downloading|loading|reading|parsing|opening|calling|connecting|invoking)\b|[\w.]*(?:Error|Exception): )/i;
const usageLine = /^(?:usage:|try '|see '|type '.* --help|for more information)/i;
const sourceCode =
  /^(?:import |from \w+ import|def |class |function |const |let |var |#include|public |return |if ?\(|for ?\(|\d+\s*[:|│→-]\s?|[+-]{1,3} |[{}();]+$|\/\/|#|\*)/;
const testLog =
  /^(?:=+ .* =+$|FAILED |PASSED|ok \d|not ok \d|--- (?:FAIL|PASS)|test .* \.\.\. |\d+ (?:passed|failed)|Ran \d+ tests?|E {3})/;
const grepHit = /^[\w./-]+:\d+:/;

function isDiagnostic(line: string): boolean {
  if (sourceCode.test(line) || grepHit.test(line)) return false;
  if (errorPrefix.test(line)) return true;
  return programPrefix.test(line) && systemMessage.test(line);
}

function isMostly(hits: readonly string[], rest: readonly string[]): boolean {
  if (rest.every((line) => /^[0\s.,:-]*$/.test(line))) return true;
  // One figure beside the complaints is a result that was reached in spite of them.
  const restIsCount = rest.length === 1 && /^[1-9]\d*$/.test(rest[0] ?? "");
  return !restIsCount && hits.length >= rest.length;
}

/** Share of lines that are diagnostics of the failing program itself; source code and test logs are never that. */
export function diagnosticsSignal(result: ResultText): OutcomeSignal | null {
  const content = result.lines.filter((line) => !usageLine.test(line));
  if (content.some((line) => testLog.test(line))) return null;
  const hits = content.filter(isDiagnostic);
  const first = hits[0];
  if (first === undefined) return null;
  const rest = content.filter((line) => !isDiagnostic(line));
  if (isMostly(hits, rest)) return failureSignal("diagnostic", first);
  const trailing = content.slice(-6).filter(isDiagnostic);
  return trailing.length >= 2 ? failureSignal("diagnostic", trailing.at(-1) ?? first) : null;
}
