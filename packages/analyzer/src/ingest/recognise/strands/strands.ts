import { genAi, type OtlpSpan, type OtlpSpanEvent, type ReportedError } from "@plumbline/contracts";
import { decodedJsonText, jsonTextOf, parsed, textOf } from "../attribute-access.ts";
import type { CallReading, Dialect, SpanReading } from "../dialect.ts";
import { readGenAiSpan } from "../genai/read-genai-span.ts";
import { flattenedResult } from "../messages/read-part.ts";
import { spanError } from "../span-error.ts";

const framework = "strands-agents";

function isStrands({ attributes, origin }: OtlpSpan): boolean {
  return (
    attributes["gen_ai.system"] === framework ||
    attributes[genAi.providerName] === framework ||
    origin.scopeName === framework ||
    origin.scopeName.startsWith("strands.")
  );
}

const eventNamed = (span: OtlpSpan, name: string): OtlpSpanEvent | undefined =>
  span.events.find((event) => event.name === name);

/** A failed tool ends its span as OK and says so here. */
function toolError(span: OtlpSpan): ReportedError | null {
  const error = spanError(span, true);
  const failed = textOf(span.attributes, "gen_ai.tool.status") === "error";
  return error === null && failed ? { type: null, message: null } : error;
}

/** On a tool span the tool message is what went in and the choice what came back. */
function withToolEvents(reading: CallReading & { kind: "tool" }, span: OtlpSpan): CallReading {
  const call = eventNamed(span, "gen_ai.tool.message");
  const answer = eventNamed(span, "gen_ai.choice");
  const result =
    answer === undefined ? undefined : jsonTextOf(flattenedResult(parsed(answer.attributes["message"])));
  return {
    ...reading,
    arguments: call === undefined ? reading.arguments : decodedJsonText(call.attributes["content"]),
    result: result ?? reading.result,
    error: toolError(span),
  };
}

function readSpan(span: OtlpSpan): SpanReading | undefined {
  if (!isStrands(span)) return undefined;
  const reading = readGenAiSpan(span);
  if (reading?.kind === "tool") return withToolEvents(reading, span);
  if (reading?.kind !== "model") return reading;
  // What stands where the provider belongs is the framework.
  return { ...reading, provider: reading.provider === framework ? undefined : reading.provider };
}

export const strandsDialect: Dialect = {
  name: "strands",
  summary: {
    captured: "Strands (JavaScript, Python; default and latest conventions)",
    fromSource: "",
    recognisedBy: `scope, \`gen_ai.system\` or \`gen_ai.provider.name\` of Strands (\`${framework}\`)`,
    reads:
      "the GenAI attributes, span events `gen_ai.*.message`, `gen_ai.choice` and `gen_ai.client.inference.operation.details`, `gen_ai.tool.status`",
  },
  readSpan,
};
