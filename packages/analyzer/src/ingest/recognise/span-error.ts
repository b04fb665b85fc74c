import { otel, type OtlpSpan, type ReportedError } from "@plumbline/contracts";
import { textOf } from "./attribute-access.ts";

const noException: ReportedError = { type: null, message: null };

function exceptionOf(span: OtlpSpan): ReportedError | undefined {
  const event = span.events.findLast((candidate) => candidate.name === "exception");
  if (event === undefined) return undefined;
  return {
    type: textOf(event.attributes, "exception.type") ?? null,
    message: textOf(event.attributes, "exception.message") ?? null,
  };
}

/**
 * The signals that all dialects share: span status 2, `error.type`, and an exception event even under an OK status
 * (some emitters record a failed tool no other way).
 * @param countExceptions whether an exception event alone is an error; it is for a tool, and may be handled elsewhere
 */
export function spanError(span: OtlpSpan, countExceptions: boolean): ReportedError | null {
  const type = textOf(span.attributes, otel.errorType);
  const exception = exceptionOf(span) ?? noException;
  const isFlagged = span.status.code === 2 || type !== undefined;
  if (!isFlagged && (!countExceptions || exception === noException)) return null;
  const { message } = span.status;
  return { type: type ?? exception.type, message: message === "" ? exception.message : message };
}
