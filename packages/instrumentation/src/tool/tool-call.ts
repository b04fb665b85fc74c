/** A tool call as chat completions give it. */
export interface ChatToolCall {
  id: string;
  type?: string;
  function?: { name: string; arguments: string };
}

/** A tool call as responses give it. */
export interface ResponsesToolCall {
  type: "function_call";
  call_id: string;
  name: string;
  arguments: string;
}

export interface ChatToolMessage {
  role: "tool";
  tool_call_id: string;
  content: string;
}

export interface ResponsesToolOutput {
  type: "function_call_output";
  call_id: string;
  output: string;
}

export type AnyToolCall = ChatToolCall | ResponsesToolCall;
/** The answer in the form that goes with the call. */
export type ToolAnswer<Call extends AnyToolCall> = Call extends ResponsesToolCall
  ? ResponsesToolOutput
  : ChatToolMessage;

/** A call in one form. */
export interface NormalToolCall {
  callId: string;
  name: string;
  argumentsText: string;
}

const isResponsesCall = (call: AnyToolCall): call is ResponsesToolCall => "call_id" in call;

export function normalCall(call: AnyToolCall): NormalToolCall {
  if (isResponsesCall(call)) return { callId: call.call_id, name: call.name, argumentsText: call.arguments };
  return { callId: call.id, name: call.function?.name ?? "", argumentsText: call.function?.arguments ?? "" };
}

export function toolAnswer<Call extends AnyToolCall>(call: Call, text: string): ToolAnswer<Call> {
  const answer: ChatToolMessage | ResponsesToolOutput = isResponsesCall(call)
    ? { type: "function_call_output", call_id: call.call_id, output: text }
    : { role: "tool", tool_call_id: call.id, content: text };
  return answer as ToolAnswer<Call>;
}
