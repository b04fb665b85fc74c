import type { ResultText } from "./lines.ts";
import { failureSignal, type OutcomeSignal } from "./signal.ts";

const traceStart =
  /^(?:Traceback \(most recent call last\)|Exception in thread |Unhandled (?:exception|promise rejection)|Uncaught |panic: |thread '.*' panicked at)/;
const exceptionLine =
  /^(?:[\w$]+\.)*[A-Z][\w$]*(?:Error|Exception|Interrupt|Exit|Warning|Failure)\b(?:: .*)?$/;
const frameLine =
  /^(?:File ".*", line \d+|at .+[(:]\d+|at .+\(.*\)|\^+|~+\^+~*|[\w./]+\.go:\d+|goroutine \d+|\.{3})/;

/** An uncaught exception: a trace that the output ends with, or that is most of it. */
export function stackTraceSignal(result: ResultText): OutcomeSignal | null {
  const start = result.lines.findIndex((line) => traceStart.test(line));
  if (start < 0) return null;
  const end = result.lines.findLastIndex((line) => exceptionLine.test(line));
  const last = Math.max(
    end,
    result.lines.findLastIndex((line) => frameLine.test(line)),
  );
  const afterTrace = result.lines.length - 1 - last;
  if (last < start || afterTrace > 3) return null;
  return failureSignal("stack trace", result.lines[end] ?? result.lines[start] ?? "");
}
