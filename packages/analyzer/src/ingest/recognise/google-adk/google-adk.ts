import { genAi, type OtlpLogRecord, type OtlpSpan, type ReportedError } from "@plumbline/contracts";
import { countOf, decodedJsonText, isRecord, parsed, textOf } from "../attribute-access.ts";
import {
  type CallReading,
  type Dialect,
  type LogReading,
  type ModelReading,
  noise,
  type SpanReading,
} from "../dialect.ts";
import { readGenAiLog } from "../genai/read-genai-log.ts";
import { genAiIdentification, readGenAiSpan, toolNameOf } from "../genai/read-genai-span.ts";
import { readInstructions, readMessages, readOutput } from "../messages/read-messages.ts";
import { spanError } from "../span-error.ts";
import { genAiTokenCounts, usageOf } from "../token-usage.ts";
import { withoutPlaces } from "./message-places.ts";

const scope = "gcp.vertex.agent";
const key = (name: string): string => `${scope}.${name}`;

type Json = Record<string, unknown>;

const recordAt = (span: OtlpSpan, name: string): Json => {
  const value = parsed(span.attributes[key(name)]);
  return isRecord(value) ? value : {};
};

/** Either spelling: JavaScript's camel case, Python's snake case. */
function pick(object: Json, camelName: string): unknown {
  return object[camelName] ?? object[camelName.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)];
}

/** Gemini counts thoughts apart from the candidates. */
function usage(span: OtlpSpan, response: Json): ModelReading["usage"] {
  const metadata = pick(response, "usageMetadata");
  if (!isRecord(metadata)) return usageOf(genAiTokenCounts(span.attributes));
  return usageOf({
    input: countOf(pick(metadata, "promptTokenCount")),
    output: countOf(pick(metadata, "candidatesTokenCount")),
    cachedInput: countOf(pick(metadata, "cachedContentTokenCount")),
    reasoningOutput: countOf(pick(metadata, "thoughtsTokenCount")),
    outputExcludesReasoning: true,
  });
}

/** `call_llm`, of the versions that put the whole request and response on the span. */
function readModel(span: OtlpSpan): CallReading {
  const request = recordAt(span, "llm_request");
  const response = recordAt(span, "llm_response");
  const config = request["config"];
  const model = textOf(span.attributes, genAi.requestModel) ?? request["model"];
  const content = response["content"];
  const instructions = isRecord(config) ? pick(config, "systemInstruction") : undefined;
  return {
    kind: "model",
    provider: "gcp.gemini",
    requestModel: typeof model === "string" ? model : undefined,
    systemInstructions: readInstructions(instructions),
    input: readMessages(request["contents"]),
    output: content === undefined ? undefined : readOutput([content]),
    finishReasons: [],
    usage: usage(span, response),
    ...genAiIdentification(span),
  };
}

/** A result or its error; `{error: …}` in place of a result is how the framework hands on an exception. */
function readTool(span: OtlpSpan): CallReading {
  const { attributes } = span;
  const own = readGenAiSpan(span);
  const base =
    own?.kind === "tool"
      ? own
      : { kind: "tool" as const, toolName: toolNameOf(span), ...genAiIdentification(span) };
  return {
    ...base,
    arguments: base.arguments ?? decodedJsonText(attributes[key("tool_call_args")]),
    result: base.result ?? responseOf(attributes[key("tool_response")]),
    error: toolError(span),
  };
}

function responseOf(value: unknown): string | undefined {
  const text = decodedJsonText(value);
  return text === undefined || text === "<not serializable>" ? undefined : text;
}

/** A tool that threw leaves a span with nothing but a name. */
function toolError(span: OtlpSpan): ReportedError | null {
  const error = spanError(span, true);
  const isBare = Object.keys(span.attributes).length === 0;
  return error === null && isBare ? { type: null, message: null } : error;
}

function readOfOperation(span: OtlpSpan): CallReading | undefined {
  const reading = readGenAiSpan(span);
  if (reading?.kind !== "model") return reading;
  const { input, output } = reading;
  return { ...reading, input: input && withoutPlaces(input), output: output && withoutPlaces(output) };
}

function readLog(record: OtlpLogRecord): LogReading | undefined {
  if (record.origin.scopeName !== scope) return undefined;
  const reading = readGenAiLog(record);
  if (reading === undefined) return undefined;
  const contents = reading.contents.map((content) =>
    content.kind === "message-content" ? { ...content, messages: withoutPlaces(content.messages) } : content,
  );
  return { ...reading, contents };
}

function readSpan(span: OtlpSpan): SpanReading | undefined {
  const isOfScope = span.origin.scopeName === scope;
  // An instrumentation may hand the framework a tracer of its own.
  const isMerged = span.name.startsWith("execute_tool (merged");
  if (isMerged && (isOfScope || span.attributes[key("event_id")] !== undefined)) return noise;
  if (!isOfScope) return undefined;
  if (span.name.startsWith("execute_tool ")) return readTool(span);
  if (textOf(span.attributes, genAi.operationName) !== undefined) return readOfOperation(span);
  if (span.name === "call_llm") return readModel(span);
  const isAgent = /^(?:invoke_agent|agent_run|invocation)\b/.test(span.name);
  return { kind: "scope", isAgent, ...genAiIdentification(span) };
}

export const googleAdkDialect: Dialect = {
  name: "google-adk",
  summary: {
    captured: "Google ADK (JavaScript; Python, default and latest conventions)",
    fromSource: "",
    recognisedBy: `scope \`${scope}\`: \`call_llm\` without an operation name, \`execute_tool X\` except \`(merged)\`, else the GenAI operation`,
    reads: `\`${key("llm_request")}\`, \`${key("llm_response")}\`, \`${key("tool_call_args")}\`, \`${key("tool_response")}\`, and the GenAI attributes and logs`,
  },
  readSpan,
  readLog,
};
