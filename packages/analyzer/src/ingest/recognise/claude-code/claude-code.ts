import type { OtlpLogRecord, OtlpSpan, ReportedError } from "@plumbline/contracts";
import { firstText, isRecord, parsed, countOf, textOf, textsOf } from "../attribute-access.ts";
import { type CallReading, type Dialect, type LogReading, noise, type SpanReading } from "../dialect.ts";
import { eventNameOf } from "../genai/read-genai-log.ts";
import { logTimeMs } from "../times.ts";
import { spanError } from "../span-error.ts";
import { usageOf } from "../token-usage.ts";

const spanScope = "com.anthropic.claude_code.tracing";
const logScope = "com.anthropic.claude_code.events";

function readModel(span: OtlpSpan): CallReading {
  const { attributes } = span;
  const model = firstText(attributes, ["gen_ai.request.model", "model"]);
  return {
    kind: "model",
    provider: firstText(attributes, ["gen_ai.provider.name", "gen_ai.system"]) ?? "anthropic",
    requestModel: model,
    responseModel: textOf(attributes, "gen_ai.response.model") ?? model,
    responseId: textOf(attributes, "gen_ai.response.id"),
    finishReasons: textsOf(attributes["gen_ai.response.finish_reasons"] ?? attributes["stop_reason"]),
    usage: usageOf({
      input: countOf(attributes["input_tokens"]),
      output: countOf(attributes["output_tokens"]),
      cachedInput: countOf(attributes["cache_read_tokens"]),
      cacheWrite: countOf(attributes["cache_creation_tokens"]),
      inputExcludesCache: true,
    }),
    error: errorOf(span),
  };
}

function errorOf(span: OtlpSpan): ReportedError | null {
  const error = spanError(span, false);
  if (error !== null || span.attributes["success"] !== false) return error;
  return {
    type: firstText(span.attributes, ["error_class", "error.type"]) ?? null,
    message: textOf(span.attributes, "error") ?? null,
  };
}

const callIdOf = (attributes: OtlpSpan["attributes"]): string | undefined =>
  firstText(attributes, ["gen_ai.tool.call.id", "tool_use_id"]);

function readTool(span: OtlpSpan): CallReading {
  const { attributes } = span;
  const output = span.events.find((event) => event.name === "tool.output");
  return {
    kind: "tool",
    toolName: firstText(attributes, ["gen_ai.tool.name", "tool_name"]) ?? "",
    callId: callIdOf(attributes),
    arguments: firstText(attributes, ["tool_input", "full_command"]),
    result: output === undefined ? undefined : firstText(output.attributes, ["output", "content"]),
    error: errorOf(span),
  };
}

/** Belongs to the tool span around it, which alone has the name; only this one tells of the error. */
function readExecution(span: OtlpSpan): CallReading {
  return { kind: "tool", toolName: "", callId: callIdOf(span.attributes), error: errorOf(span) };
}

function readSpan(span: OtlpSpan): SpanReading | undefined {
  if (span.origin.scopeName !== spanScope) return undefined;
  switch (textOf(span.attributes, "span.type")) {
    case "llm_request":
      return readModel(span);
    case "tool":
      return readTool(span);
    case "tool.execution":
      return readExecution(span);
    case "interaction":
      return { kind: "scope", isAgent: true, goal: textOf(span.attributes, "user_prompt") };
    case undefined:
    default:
      return noise;
  }
}

/** `tool_result` carries the input and the error of a call under the interaction's span id; its call id says whose. */
function readLog(record: OtlpLogRecord): LogReading | undefined {
  if (record.origin.scopeName !== logScope) return undefined;
  const { attributes } = record;
  const callId = textOf(attributes, "tool_use_id");
  if (!eventNameOf(record).endsWith("tool_result") || callId === undefined || record.traceId === "")
    return undefined;
  const failed = attributes["success"] === false || attributes["success"] === "false";
  const atMs = logTimeMs(record);
  const error = {
    type: firstText(attributes, ["error_type", "error.type"]) ?? null,
    message: textOf(attributes, "error") ?? null,
  };
  return {
    contents: [
      {
        kind: "tool-call-end",
        spanId: `call-${callId}`,
        startMs: atMs,
        endMs: atMs,
        toolName: "",
        callId,
        arguments: inputOf(attributes["tool_input"]),
        result: textOf(attributes, "tool_output") ?? null,
        error: failed ? error : null,
        traits: {},
      },
    ],
  };
}

function inputOf(value: unknown): string | null {
  if (typeof value !== "string") return null;
  return isRecord(parsed(value)) || value !== "" ? value : null;
}

export const claudeCodeDialect: Dialect = {
  name: "claude-code",
  summary: {
    captured: "Claude Code 2, Claude Agent SDK",
    fromSource: "",
    recognisedBy: `scope \`${spanScope}\` with \`span.type\`; log event \`tool_result\``,
    reads:
      "`user_prompt`, `input_tokens` (without cache), `cache_read_tokens`, `cache_creation_tokens`, `output_tokens`, `stop_reason`, `gen_ai.tool.*`, `tool_use_id`, `success`, `error`, `tool_input`, event `tool.output`",
  },
  readSpan,
  readLog,
};
