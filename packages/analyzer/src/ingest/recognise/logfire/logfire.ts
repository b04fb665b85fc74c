import { genAi, type OtlpSpan } from "@plumbline/contracts";
import { isRecord, parsed, textOf } from "../attribute-access.ts";
import { type Dialect, type ModelReading, noise, type SpanReading } from "../dialect.ts";
import { readGenAiSpan } from "../genai/read-genai-span.ts";
import { spanError } from "../span-error.ts";
import { genAiTokenCounts, providerTokenCounts, usageOf } from "../token-usage.ts";

/** A streamed call is told twice: by its own span, which ends without content or counts, and by a second one of type `log`. */
function isToldElsewhere(span: OtlpSpan): boolean {
  const { attributes } = span;
  return (
    attributes[genAi.outputMessages] === undefined &&
    attributes[genAi.usageOutputTokens] === undefined &&
    spanError(span, true) === null
  );
}

/** The provider's own counts lie beside the two that the conventions know. */
function usage({ attributes }: OtlpSpan): ModelReading["usage"] {
  const raw = parsed(attributes["gen_ai.usage.raw"]);
  const counts = genAiTokenCounts(attributes);
  if (!isRecord(raw)) return usageOf(counts);
  const { cachedInput, reasoningOutput } = providerTokenCounts(raw);
  return usageOf({
    ...counts,
    cachedInput: counts.cachedInput ?? cachedInput,
    reasoningOutput: counts.reasoningOutput ?? reasoningOutput,
  });
}

function readSpan(span: OtlpSpan): SpanReading | undefined {
  const type = textOf(span.attributes, "logfire.span_type");
  if (type === undefined) return undefined;
  // Sent at the start of a span, which follows under its own id.
  if (type === "pending_span") return noise;
  const reading = readGenAiSpan(span);
  if (reading?.kind !== "model" || !span.origin.scopeName.startsWith("logfire")) return reading;
  if (type === "span" && isToldElsewhere(span)) return { kind: "scope", isAgent: false };
  return { ...reading, usage: usage(span) };
}

export const logfireDialect: Dialect = {
  name: "logfire",
  summary: {
    captured: "Logfire with OpenAI, also with pending spans",
    fromSource: "",
    recognisedBy: "`logfire.span_type`; `pending_span` is left out",
    reads: "the GenAI attributes; of streamed calls those of the second span of type `log`",
  },
  readSpan,
};
