import type { NumberedAnswer } from "./numbered-answer.ts";
import { piecesOf, type ScriptedInputMessage } from "./scripted-answer.ts";
import { contentText, isRecord, listOf, textOr } from "./wire-input.ts";

/** The messages of a chat completions body. */
export function readChatMessages(body: Record<string, unknown>): ScriptedInputMessage[] {
  return listOf(body["messages"]).map((message) => ({
    role: textOr(message["role"], "user"),
    text: contentText(message["content"]),
    toolCalls: listOf(message["tool_calls"]).map((call) => {
      const fn = isRecord(call["function"]) ? call["function"] : {};
      return {
        id: textOr(call["id"], ""),
        name: textOr(fn["name"], ""),
        arguments: textOr(fn["arguments"], ""),
      };
    }),
    toolCallId: typeof message["tool_call_id"] === "string" ? message["tool_call_id"] : null,
  }));
}

const finishReason = (answer: NumberedAnswer): string =>
  answer.toolCalls.length > 0 ? "tool_calls" : "stop";

function usage(answer: NumberedAnswer): Record<string, unknown> {
  const { inputTokens, outputTokens, cachedInputTokens } = answer.usage;
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
    prompt_tokens_details: { cached_tokens: cachedInputTokens },
    completion_tokens_details: { reasoning_tokens: 0 },
  };
}

/** A chat completion as one JSON body. */
export function chatCompletion(answer: NumberedAnswer): Record<string, unknown> {
  const toolCalls = answer.toolCalls.map((call) => ({
    id: call.id,
    type: "function",
    function: { name: call.name, arguments: call.arguments },
  }));
  const message = {
    role: "assistant",
    content: answer.text,
    refusal: null,
    ...(toolCalls.length > 0 ? { tool_calls: toolCalls } : {}),
  };
  return {
    id: `chatcmpl-${answer.id}`,
    object: "chat.completion",
    created: answer.createdSeconds,
    model: answer.model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: finishReason(answer) }],
    usage: usage(answer),
  };
}

function deltas(answer: NumberedAnswer): Record<string, unknown>[] {
  const texts = piecesOf(answer.text ?? "", answer.chunkCharacters).map((content) => ({ content }));
  const calls = answer.toolCalls.flatMap((call, index) => [
    { tool_calls: [{ index, id: call.id, type: "function", function: { name: call.name, arguments: "" } }] },
    ...piecesOf(call.arguments, answer.chunkCharacters).map((piece) => ({
      tool_calls: [{ index, function: { arguments: piece } }],
    })),
  ]);
  return [{ role: "assistant", content: texts.length > 0 ? "" : null, refusal: null }, ...texts, ...calls];
}

/** The same completion as the events of a stream, `[DONE]` included. */
export function chatCompletionEvents(answer: NumberedAnswer, includeUsage: boolean): string[] {
  const head = {
    id: `chatcmpl-${answer.id}`,
    object: "chat.completion.chunk",
    created: answer.createdSeconds,
    model: answer.model,
  };
  const chunk = (delta: Record<string, unknown>, reason: string | null): Record<string, unknown> => ({
    ...head,
    choices: [{ index: 0, delta, logprobs: null, finish_reason: reason }],
  });
  const chunks = [...deltas(answer).map((delta) => chunk(delta, null)), chunk({}, finishReason(answer))];
  if (includeUsage) chunks.push({ ...head, choices: [], usage: usage(answer) });
  return [...chunks.map((one) => `data: ${JSON.stringify(one)}\n\n`), "data: [DONE]\n\n"];
}
