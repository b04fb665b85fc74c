import { isRecord, jsonTextOf, parsed } from "./attribute-access.ts";
import { flattenedResult } from "./messages/read-part.ts";

/** LangChain hands on tool messages, serialised in one of several ways, some inside an `output`. */
function messageIn(value: unknown): Record<string, unknown> | undefined {
  if (!isRecord(value)) return undefined;
  if (isRecord(value["kwargs"]) && "content" in value["kwargs"]) return value["kwargs"];
  if (value["type"] === "tool" && isRecord(value["data"])) return value["data"];
  if (isRecord(value["output"])) return messageIn(value["output"]);
  const isMessage = "content" in value && ("tool_call_id" in value || value["type"] === "tool");
  return isMessage ? value : undefined;
}

/** The tool message that a framework wrapped around a result; undefined when the text is the result itself. */
export const toolMessageIn = (text: string): Record<string, unknown> | undefined =>
  text.startsWith("{") ? messageIn(parsed(text)) : undefined;

/** LlamaIndex and Gemini keep what the tool returned beside its name. */
function namedOutputIn(value: unknown): unknown {
  if (!isRecord(value)) return undefined;
  if (typeof value["tool_name"] === "string") return value["raw_output"];
  const isFunctionResponse = typeof value["name"] === "string" && isRecord(value["response"]);
  return isFunctionResponse ? value["response"] : undefined;
}

/** What the tool returned, out of the message or the list of content blocks around it; other results as they are. */
export function unwrappedResult(text: string): string {
  if (text.startsWith("[")) return jsonTextOf(flattenedResult(text)) ?? text;
  if (!text.startsWith("{")) return text;
  const value = parsed(text);
  const message = messageIn(value);
  const returned = message === undefined ? namedOutputIn(value) : flattenedResult(message["content"]);
  return returned === undefined ? text : (jsonTextOf(returned) ?? text);
}

/** `{args: […], kwargs: {…}}` around the arguments of a plain function, as decorators record it. */
export function unwrappedArguments(text: string): string {
  if (!text.startsWith("{")) return text;
  const value = parsed(text);
  if (!isRecord(value)) return text;
  const call = callIn(value);
  if (call !== undefined) return call;
  const { inputs } = value;
  if ("input_str" in value) return unwrappedRunnableInput(text);
  if (isRecord(inputs) && !("args" in value)) return jsonTextOf(inputs) ?? text;
  return text;
}

/** LangChain's callbacks see a tool's input as the text of a dictionary, among tags and metadata. */
export function unwrappedRunnableInput(text: string): string {
  if (!text.startsWith('{"input')) return text;
  const value = parsed(text);
  if (!isRecord(value) || !("tags" in value || "metadata" in value)) return text;
  const { input_str: inputText, inputs } = value;
  if (isRecord(inputs)) return jsonTextOf(inputs) ?? text;
  return typeof inputText === "string" ? inputText : text;
}

/** LlamaIndex leaves out positional arguments where there are none. */
function callIn(value: Record<string, unknown>): string | undefined {
  const { args, kwargs } = value;
  if (!isRecord(kwargs)) return undefined;
  if (Array.isArray(args)) return argumentsOfCall(args, kwargs);
  return Object.keys(value).length === 1 ? jsonTextOf(kwargs) : undefined;
}

function argumentsOfCall(args: unknown[], kwargs: Record<string, unknown>): string {
  if (args.length === 0) return jsonTextOf(kwargs) ?? "{}";
  if (Object.keys(kwargs).length > 0) return jsonTextOf({ args, ...kwargs }) ?? "{}";
  return jsonTextOf(args.length === 1 ? args[0] : args) ?? "{}";
}
