import { genAi, plumblineAttribute, type ToolTraits } from "@plumbline/contracts";
import type { SpanAttributes } from "../export/otlp-json.ts";

export interface ToolStart {
  toolName: string;
  description: string | undefined;
  callId: string | null;
  arguments: string;
  traits: ToolTraits;
}

/** What came of a tool call; what is left out was not learned. */
export interface ToolEnd {
  result: string | null;
  /** How often the tool itself was called. */
  attempts?: number;
  /** Ids in the arguments that occur nowhere in the run. */
  ungroundedIds?: number;
  failureClass?: string | undefined;
}

/** What a span says of a tool call that begins, with its arguments as they may be shown. */
export function toolStartAttributes(tool: ToolStart, args: string | null): SpanAttributes {
  return {
    [genAi.operationName]: "execute_tool",
    [genAi.toolName]: tool.toolName,
    [genAi.toolType]: "function",
    ...(tool.description === undefined ? {} : { [genAi.toolDescription]: tool.description }),
    ...(tool.callId === null ? {} : { [genAi.toolCallId]: tool.callId }),
    ...(args === null ? {} : { [genAi.toolCallArguments]: args }),
  };
}

/** What a span says of the end of a tool call: the result as it may be shown, and what goes beyond one plain attempt. */
export function toolEndAttributes(end: ToolEnd, result: string | null): SpanAttributes {
  const { attempts = 1, ungroundedIds = 0, failureClass } = end;
  return {
    ...(result === null ? {} : { [genAi.toolCallResult]: result }),
    ...(attempts <= 1 ? {} : { [plumblineAttribute.toolAttempts]: attempts }),
    ...(ungroundedIds === 0 ? {} : { [plumblineAttribute.toolUngroundedIds]: ungroundedIds }),
    ...(failureClass === undefined ? {} : { [plumblineAttribute.toolFailureClass]: failureClass }),
  };
}
