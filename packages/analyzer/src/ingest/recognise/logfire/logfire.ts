import { genAi, type OtlpSpan } from "@plumbline/contracts";
import { textOf } from "../attribute-access.ts";
import { type Dialect, noise, type SpanReading } from "../dialect.ts";
import { readGenAiSpan } from "../genai/read-genai-span.ts";
import { spanError } from "../span-error.ts";

/** A streamed call is told twice: by its own span, which ends without content or counts, and by a second one of type `log`. */
function isToldElsewhere(span: OtlpSpan): boolean {
  const { attributes } = span;
  return (
    attributes[genAi.outputMessages] === undefined &&
    attributes[genAi.usageOutputTokens] === undefined &&
    spanError(span, true) === null
  );
}

function readSpan(span: OtlpSpan): SpanReading | undefined {
  const type = textOf(span.attributes, "logfire.span_type");
  if (type === undefined) return undefined;
  // Sent at the start of a span, which follows under its own id.
  if (type === "pending_span") return noise;
  const reading = readGenAiSpan(span);
  if (reading?.kind !== "model" || !span.origin.scopeName.startsWith("logfire")) return reading;
  return type === "span" && isToldElsewhere(span) ? { kind: "scope", isAgent: false } : reading;
}

export const logfireDialect: Dialect = {
  name: "logfire",
  verification: "captured",
  summary: {
    recognisedBy: "`logfire.span_type`; `pending_span` is left out",
    reads: "the GenAI attributes; of streamed calls those of the second span of type `log`",
  },
  readSpan,
};
