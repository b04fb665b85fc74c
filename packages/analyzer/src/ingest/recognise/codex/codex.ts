import { genAi, type OtlpLogRecord, type OtlpSpan } from "@plumbline/contracts";
import { decodedJsonText, firstText, textOf } from "../attribute-access.ts";
import { type Dialect, type LogReading, noise, type SpanReading } from "../dialect.ts";
import { eventNameOf } from "../genai/read-genai-log.ts";
import type { ObservationContent } from "../observation-content.ts";
import { logTimeMs } from "../times.ts";
import { genAiTokenCounts, usageOf } from "../token-usage.ts";

const scope = "codex_exec";

const callIdKeys = ["call_id", "gen_ai.tool.call.id", "tool.call_id"];

function readSpan(span: OtlpSpan): SpanReading | undefined {
  if (!span.origin.scopeName.startsWith("codex")) return undefined;
  const { attributes } = span;
  if (span.name === "handle_responses") {
    const usage = usageOf(genAiTokenCounts(attributes));
    if (usage === undefined) return noise;
    const model = firstText(attributes, [genAi.requestModel, "model", "slug"]);
    return { kind: "model", provider: "openai", requestModel: model, usage };
  }
  if (span.name === "mcp.tools.call") {
    return {
      kind: "tool",
      toolName: firstText(attributes, ["tool.name", genAi.toolName]) ?? "",
      callId: firstText(attributes, callIdKeys),
      arguments: decodedJsonText(attributes["arguments"]),
    };
  }
  return span.name === "session_task.turn" ? { kind: "scope", isAgent: true } : noise;
}

/** What the tool returned, without the time that is measured around it. */
const withoutTiming = (output: string): string => output.replace(/^Wall time: [\d.]+ seconds\nOutput:\n/, "");

function resultContent(record: OtlpLogRecord): ObservationContent | undefined {
  const { attributes } = record;
  const callId = textOf(attributes, "call_id");
  if (callId === undefined) return undefined;
  const told = textOf(attributes, "output");
  const output = told === undefined ? null : withoutTiming(told);
  const failed = attributes["success"] === false || attributes["success"] === "false";
  const atMs = logTimeMs(record);
  return {
    kind: "tool-call-end",
    spanId: `call-${callId}`,
    startMs: atMs,
    endMs: atMs,
    toolName: "",
    callId,
    arguments: textOf(attributes, "arguments") ?? null,
    result: output,
    error: failed ? { type: null, message: output } : null,
    traits: {},
  };
}

function promptContent(record: OtlpLogRecord): ObservationContent | undefined {
  const prompt = textOf(record.attributes, "prompt");
  if (prompt === undefined || prompt === "[REDACTED]") return undefined;
  const atMs = logTimeMs(record);
  return {
    kind: "scope-end",
    startMs: atMs,
    endMs: atMs,
    name: "codex.user_prompt",
    isRoot: false,
    isAgent: true,
    goal: prompt,
    output: null,
    error: null,
  };
}

/** `codex.tool_result` holds arguments and output; `codex.user_prompt` the goal, where it is not redacted. */
function readLog(record: OtlpLogRecord): LogReading | undefined {
  const readers = { "codex.tool_result": resultContent, "codex.user_prompt": promptContent };
  const name = eventNameOf(record);
  if (name !== "codex.tool_result" && name !== "codex.user_prompt") return undefined;
  const content = readers[name](record);
  return content === undefined ? undefined : { contents: [content] };
}

export const codexDialect: Dialect = {
  name: "codex",
  summary: {
    captured: "Codex CLI",
    fromSource: "",
    recognisedBy: `scope \`${scope}\`: \`handle_responses\` with token counts, \`mcp.tools.call\`, \`session_task.turn\`; log events \`codex.*\``,
    reads:
      "`gen_ai.usage.*`, `tool.name`, `conversation.id`; of logs `tool_name`, `arguments`, `output`, `success`, `call_id`, `prompt`",
  },
  readSpan,
  readLog,
};
