import type { OtlpSpan } from "@plumbline/contracts";
import { isRecord, jsonTextOf, parsed, textOf } from "../attribute-access.ts";
import { toolMessageIn, unwrappedArguments, unwrappedResult } from "../tool-result.ts";

/** What a tool took and gave, as OpenLLMetry's decorators and callbacks record it on the span of any kind. */
export interface ToolEntity {
  /** Of the call, where the result is a tool message: callbacks name the span after the tool's class. */
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
  return {
    toolName: nonEmpty(message?.["name"]),
    callId: nonEmpty(message?.["tool_call_id"]),
    arguments: input === undefined ? undefined : argumentsIn(input),
    result: output === undefined ? undefined : resultIn(output),
  };
}

/** LangChain's callbacks hand on the arguments as one text: `{args: ["{…}"]}`. */
function argumentsIn(input: string): string {
  const call = parsed(input);
  const names = isRecord(call) ? Object.keys(call) : [];
  if (!isRecord(call) || names.length !== 1 || !Array.isArray(call["args"])) return unwrappedArguments(input);
  return unwrappedArguments(jsonTextOf({ ...call, kwargs: {} }) ?? input);
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
