import type { OtlpSpan } from "@plumbline/contracts";
import { isRecord, jsonTextOf, parsed, textOf } from "../attribute-access.ts";
import { toolMessageIn, unwrappedArguments, unwrappedResult } from "../tool-result.ts";

/** What a tool took and gave, as OpenLLMetry's decorators and callbacks record it on the span of any kind. */
export interface ToolEntity {
  /** As the call or its result names it: spans are named after the tool's class, or after what MCP clients call. */
  toolName?: string | undefined;
  callId?: string | undefined;
  arguments?: string | undefined;
  result?: string | undefined;
}

const nonEmpty = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;

/** `traceloop.entity.input` and `traceloop.entity.output` of a tool's span. */
export function toolEntityOf({ attributes }: OtlpSpan): ToolEntity {
  const input = textOf(attributes, "traceloop.entity.input");
  const output = textOf(attributes, "traceloop.entity.output");
  const message = output === undefined ? undefined : toolMessageIn(output);
  const call = input === undefined ? {} : callIn(input);
  return {
    toolName: call.toolName ?? nonEmpty(message?.["name"]),
    callId: nonEmpty(message?.["tool_call_id"]),
    arguments: call.arguments,
    result: output === undefined ? undefined : resultIn(output),
  };
}

/** MCP clients name the tool beside its arguments; LangChain's callbacks hand these on as one text: `{args: ["{…}"]}`. */
function callIn(input: string): Pick<ToolEntity, "toolName" | "arguments"> {
  const call = parsed(input);
  if (!isRecord(call)) return { arguments: unwrappedArguments(input) };
  const toolName = nonEmpty(call["tool_name"]);
  if (toolName !== undefined) return { toolName, arguments: jsonTextOf(call["arguments"]) };
  const isOneText = Object.keys(call).length === 1 && Array.isArray(call["args"]);
  return {
    arguments: unwrappedArguments(isOneText ? (jsonTextOf({ ...call, kwargs: {} }) ?? input) : input),
  };
}

const mcpFields = new Set(["result", "is_error"]);

function resultIn(output: string): string | undefined {
  const value = parsed(output);
  if (typeof value === "string") return value;
  const isMcp =
    isRecord(value) && "result" in value && Object.keys(value).every((name) => mcpFields.has(name));
  return isMcp ? mcpResult(value) : unwrappedResult(output);
}

function mcpResult(value: Record<string, unknown>): string | undefined {
  const text = jsonTextOf(value["result"]);
  return value["is_error"] === true && text !== undefined
    ? jsonTextOf({ isError: true, content: text })
    : text;
}
