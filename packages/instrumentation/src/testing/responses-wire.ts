import type { NumberedAnswer } from "./numbered-answer.ts";
import { piecesOf, type ScriptedInputMessage } from "./scripted-answer.ts";
import { contentText, listOf, textOr } from "./wire-input.ts";

function readItem(item: Record<string, unknown>): ScriptedInputMessage {
  if (item["type"] === "function_call") {
    const call = {
      id: textOr(item["call_id"], ""),
      name: textOr(item["name"], ""),
      arguments: textOr(item["arguments"], ""),
    };
    return { role: "assistant", text: "", toolCalls: [call], toolCallId: null };
  }
  if (item["type"] === "function_call_output") {
    const output = item["output"];
    const text = typeof output === "string" ? output : contentText(output);
    return { role: "tool", text, toolCalls: [], toolCallId: textOr(item["call_id"], "") };
  }
  return {
    role: textOr(item["role"], "user"),
    text: contentText(item["content"]),
    toolCalls: [],
    toolCallId: null,
  };
}

/** Instructions and input of a responses body as messages. */
export function readResponsesInput(body: Record<string, unknown>): ScriptedInputMessage[] {
  const { instructions, input } = body;
  const system =
    typeof instructions === "string" ? [readItem({ role: "system", content: instructions })] : [];
  const items =
    typeof input === "string" ? [readItem({ role: "user", content: input })] : listOf(input).map(readItem);
  return [...system, ...items];
}

type Item = Record<string, unknown>;

function outputItems(answer: NumberedAnswer): Item[] {
  const message: Item[] =
    answer.text === null
      ? []
      : [
          {
            type: "message",
            id: `msg_${answer.id}`,
            role: "assistant",
            status: "completed",
            content: [{ type: "output_text", text: answer.text, annotations: [], logprobs: [] }],
          },
        ];
  const calls = answer.toolCalls.map((call, index) => ({
    type: "function_call",
    id: `fc_${answer.id}_${String(index)}`,
    call_id: call.id,
    name: call.name,
    arguments: call.arguments,
    status: "completed",
  }));
  return [...message, ...calls];
}

/** A response object; in progress it has no output and no usage yet. */
export function responseObject(
  answer: NumberedAnswer,
  status: "in_progress" | "completed",
): Record<string, unknown> {
  const done = status === "completed";
  const { inputTokens, outputTokens, cachedInputTokens } = answer.usage;
  const usage = {
    input_tokens: inputTokens,
    input_tokens_details: { cached_tokens: cachedInputTokens },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: inputTokens + outputTokens,
  };
  return {
    id: `resp_${answer.id}`,
    object: "response",
    created_at: answer.createdSeconds,
    status,
    error: null,
    incomplete_details: null,
    instructions: null,
    model: answer.model,
    output: done ? outputItems(answer) : [],
    parallel_tool_calls: true,
    tool_choice: "auto",
    tools: [],
    usage: done ? usage : null,
    metadata: {},
  };
}

function textEvents(item: Item, answer: NumberedAnswer, outputIndex: number): Item[] {
  const place = { item_id: item["id"], output_index: outputIndex, content_index: 0 };
  const part = { type: "output_text", text: "", annotations: [], logprobs: [] };
  return [
    { type: "response.content_part.added", ...place, part },
    ...piecesOf(answer.text ?? "", answer.chunkCharacters).map((delta) => ({
      type: "response.output_text.delta",
      ...place,
      delta,
      logprobs: [],
    })),
    { type: "response.output_text.done", ...place, text: answer.text, logprobs: [] },
    { type: "response.content_part.done", ...place, part: { ...part, text: answer.text } },
  ];
}

function callEvents(item: Item, answer: NumberedAnswer, outputIndex: number): Item[] {
  const place = { item_id: item["id"], output_index: outputIndex };
  const text = textOr(item["arguments"], "");
  return [
    ...piecesOf(text, answer.chunkCharacters).map((delta) => ({
      type: "response.function_call_arguments.delta",
      ...place,
      delta,
    })),
    { type: "response.function_call_arguments.done", ...place, name: item["name"], arguments: text },
  ];
}

function itemEvents(item: Item, answer: NumberedAnswer, outputIndex: number): Item[] {
  const isCall = item["type"] === "function_call";
  const empty = isCall
    ? { ...item, arguments: "", status: "in_progress" }
    : { ...item, content: [], status: "in_progress" };
  return [
    { type: "response.output_item.added", output_index: outputIndex, item: empty },
    ...(isCall ? callEvents(item, answer, outputIndex) : textEvents(item, answer, outputIndex)),
    { type: "response.output_item.done", output_index: outputIndex, item },
  ];
}

/** The same response as the events of a stream. */
export function responseEvents(answer: NumberedAnswer): string[] {
  const events: Item[] = [
    { type: "response.created", response: responseObject(answer, "in_progress") },
    { type: "response.in_progress", response: responseObject(answer, "in_progress") },
    ...outputItems(answer).flatMap((item, index) => itemEvents(item, answer, index)),
    { type: "response.completed", response: responseObject(answer, "completed") },
  ];
  return events.map((event, index) => {
    const numbered = { ...event, sequence_number: index };
    return `event: ${String(event["type"])}\ndata: ${JSON.stringify(numbered)}\n\n`;
  });
}
