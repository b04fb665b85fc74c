import type { NumberedAnswer } from "./numbered-answer.ts";
import { piecesOf, type ScriptedInputMessage } from "./scripted-answer.ts";
import { contentText, listOf, textOr } from "./wire-input.ts";

type Block = Record<string, unknown>;

/** One message each for the results of tools, and one for the rest. */
function readMessage(message: Block): ScriptedInputMessage[] {
  const role = textOr(message["role"], "user");
  const { content } = message;
  const blocks = listOf(content);
  const results = blocks.filter((block) => block["type"] === "tool_result");
  const answers = results.map((block) => ({
    role: "tool",
    text: typeof block["content"] === "string" ? block["content"] : contentText(block["content"]),
    toolCalls: [],
    toolCallId: textOr(block["tool_use_id"], ""),
  }));
  const toolCalls = blocks
    .filter((block) => block["type"] === "tool_use")
    .map((block) => ({
      id: textOr(block["id"], ""),
      name: textOr(block["name"], ""),
      arguments: JSON.stringify(block["input"] ?? {}),
    }));
  const isOnlyAnswers = results.length > 0 && results.length === blocks.length;
  const rest = isOnlyAnswers ? [] : [{ role, text: contentText(content), toolCalls, toolCallId: null }];
  return [...answers, ...rest];
}

/** System prompt and messages of a Messages API body. */
export function readMessages(body: Record<string, unknown>): ScriptedInputMessage[] {
  const system = contentText(body["system"]);
  const instructions = system === "" ? [] : readMessage({ role: "system", content: system });
  return [...instructions, ...listOf(body["messages"]).flatMap((message) => readMessage(message))];
}

function inputOf(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return {};
  }
}

function contentOf(answer: NumberedAnswer): Block[] {
  const text: Block[] = answer.text === null ? [] : [{ type: "text", text: answer.text, citations: null }];
  const calls = answer.toolCalls.map((call) => ({
    type: "tool_use",
    id: call.id,
    name: call.name,
    input: inputOf(call.arguments),
  }));
  return [...text, ...calls];
}

/** A message of the Messages API as one JSON body. */
export function messageObject(answer: NumberedAnswer): Block {
  const { inputTokens, outputTokens, cachedInputTokens } = answer.usage;
  return {
    id: `msg_${answer.id}`,
    type: "message",
    role: "assistant",
    model: answer.model,
    content: contentOf(answer),
    stop_reason: answer.toolCalls.length > 0 ? "tool_use" : "end_turn",
    stop_sequence: null,
    usage: {
      input_tokens: inputTokens - cachedInputTokens,
      cache_read_input_tokens: cachedInputTokens,
      cache_creation_input_tokens: 0,
      output_tokens: outputTokens,
    },
  };
}

function blockEvents(block: Block, index: number, chunkCharacters: number): Block[] {
  const isCall = block["type"] === "tool_use";
  const whole = isCall ? JSON.stringify(block["input"]) : textOr(block["text"], "");
  const empty = isCall ? { ...block, input: {} } : { ...block, text: "" };
  const deltas = piecesOf(whole, chunkCharacters).map((piece) => ({
    type: "content_block_delta",
    index,
    delta: isCall ? { type: "input_json_delta", partial_json: piece } : { type: "text_delta", text: piece },
  }));
  return [
    { type: "content_block_start", index, content_block: empty },
    ...deltas,
    { type: "content_block_stop", index },
  ];
}

/** The same message as the events of a stream. */
export function messageEvents(answer: NumberedAnswer): string[] {
  const { stop_reason: stopReason, usage, ...message } = messageObject(answer);
  const started = { ...(usage as Block), output_tokens: 1 };
  const events: Block[] = [
    {
      type: "message_start",
      message: { ...message, stop_reason: null, usage: started, content: [] },
    },
    ...contentOf(answer).flatMap((block, index) => blockEvents(block, index, answer.chunkCharacters)),
    {
      type: "message_delta",
      delta: { stop_reason: stopReason, stop_sequence: null },
      usage: { output_tokens: answer.usage.outputTokens },
    },
    { type: "message_stop" },
  ];
  return events.map((event) => `event: ${String(event["type"])}\ndata: ${JSON.stringify(event)}\n\n`);
}
