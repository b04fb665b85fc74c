import {
  genAi,
  isTextPart,
  isToolCallPart,
  type Message,
  type MessagePart,
  type OtlpSpan,
  type ReportedError,
} from "@plumbline/contracts";
import { isRecord, jsonTextOf, parsed, textOf } from "../attribute-access.ts";
import type { CallReading, Dialect } from "../dialect.ts";
import { readGenAiLog } from "../genai/read-genai-log.ts";
import { readGenAiSpan } from "../genai/read-genai-span.ts";

const scope = "gemini-cli";

type Json = Record<string, unknown>;

const inside = (value: unknown, ...path: readonly (string | number)[]): unknown =>
  path.reduce<unknown>((at, key) => {
    if (typeof key === "number") return Array.isArray(at) ? at[key] : undefined;
    return isRecord(at) ? at[key] : undefined;
  }, value);

/** A call has its tool's name before its id where it is made, and none where later prompts repeat it. */
function plainCallId(id: string, toolName: string): string {
  const prefix = `${toolName}__`;
  return toolName !== "" && id.startsWith(prefix) ? id.slice(prefix.length) : id;
}

function withPlainId(part: MessagePart): MessagePart {
  if (!isToolCallPart(part) || part.id === null) return part;
  return { ...part, id: plainCallId(part.id, part.name) };
}

/** Text that the program puts beside what the user wrote: `<session_context>…</session_context>`. */
const isContext = (part: MessagePart): boolean =>
  isTextPart(part) && /^\s*<([a-z_]+)>[^]*<\/\1>\s*$/.test(part.content);

function plainMessage(message: Message): Message {
  const own = message.role === "user" ? message.parts.filter((part) => !isContext(part)) : message.parts;
  return { ...message, parts: (own.length === 0 ? message.parts : own).map(withPlainId) };
}

/** What an MCP server answered stands in a tag of its own. */
const withoutTag = (text: string): string =>
  /^<untrusted_context>\s*([^]*?)\s*<\/untrusted_context>\s*$/.exec(text)?.[1] ?? text;

function resultOf(answer: Json): string | undefined {
  const response = inside(answer, "response", "responseParts", 0, "functionResponse", "response");
  const told = inside(response, "output") ?? inside(response, "error") ?? response;
  const text = jsonTextOf(told);
  return text === undefined ? undefined : withoutTag(text);
}

function errorOf(answer: Json, result: string | undefined): ReportedError | null {
  if (answer["status"] !== "error") return null;
  const type = inside(answer, "response", "errorType");
  return { type: typeof type === "string" ? type : null, message: result ?? null };
}

/** The request stands where a model's prompt belongs, the whole record where its answer does; the status says nothing. */
function readTool(reading: CallReading & { kind: "tool" }, span: OtlpSpan): CallReading {
  const request = parsed(textOf(span.attributes, genAi.inputMessages));
  const answer = parsed(textOf(span.attributes, genAi.outputMessages));
  const call = {
    ...reading,
    callId: reading.callId === undefined ? undefined : plainCallId(reading.callId, reading.toolName),
    arguments: reading.arguments ?? jsonTextOf(inside(request, "args")),
  };
  if (!isRecord(answer) || !isRecord(answer["response"])) return call;
  const result = resultOf(answer);
  const error = errorOf(answer, result);
  return { ...call, result, ...(error !== null && { error }) };
}

function readSpan(span: OtlpSpan): CallReading | undefined {
  if (span.origin.scopeName !== scope) return undefined;
  const reading = readGenAiSpan(span);
  if (reading?.kind === "tool") return readTool(reading, span);
  if (reading?.kind !== "model") return reading;
  return { ...reading, input: reading.input?.map(plainMessage), output: reading.output?.map(plainMessage) };
}

export const geminiCliDialect: Dialect = {
  name: "gemini-cli",
  summary: {
    captured: "Gemini CLI",
    fromSource: "",
    recognisedBy: `scope \`${scope}\` with \`gen_ai.operation.name\` = llm_call, tool_call`,
    reads:
      "the GenAI attributes, in Gemini's form; of tools `gen_ai.input.messages` and `gen_ai.output.messages`, which hold the request and the whole record of the call",
  },
  readSpan,
  readLog: (record) => (record.origin.scopeName === scope ? readGenAiLog(record) : undefined),
};
