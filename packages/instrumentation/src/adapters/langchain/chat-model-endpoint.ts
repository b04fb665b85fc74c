import { insertInjections } from "../../gate/injections.ts";
import { type AnswerAccumulator, type ModelAnswer, noAnswer } from "../../observe/model-call.ts";
import { type Endpoint, replyKeyOf } from "../../observe/openai/endpoint.ts";
import { boundOf, textOf, type Wire, wireOf, wires } from "../../observe/openai/wire.ts";
import { startOfConversation } from "../shared/conversation-start.ts";
import { roleOf, toMessage, usageOf } from "./message.ts";

const messagesOf = (body: Wire): readonly unknown[] =>
  Array.isArray(body["messages"]) ? (body["messages"] as unknown[]) : [];

/** What names the run in a runnable's metadata; a LangGraph thread is a conversation. */
function namedIn(metadata: Wire): { runId: string | undefined; conversationId: string | undefined } {
  const conversationId =
    textOf(metadata["thread_id"]) ?? textOf(metadata["conversation_id"]) ?? textOf(metadata["session_id"]);
  return {
    runId: textOf(metadata["plumbline.run.id"]) ?? undefined,
    conversationId: conversationId ?? undefined,
  };
}

function mayAppend(body: Wire): boolean {
  const messages = messagesOf(body);
  const last = messages.findLastIndex((message) => roleOf(message) === "assistant");
  const asked = wires(wireOf(messages[last])["tool_calls"]).map((call) => call["id"]);
  const answered = new Set(messages.slice(last + 1).map((message) => wireOf(message)["tool_call_id"]));
  return last < messages.length - 1 && asked.every((id) => answered.has(id));
}

function answerOf(message: unknown, generationInfo: unknown): ModelAnswer {
  const { usage_metadata: usage, response_metadata: metadata, id } = wireOf(message);
  const details = { ...wireOf(generationInfo), ...wireOf(metadata) };
  const reason = textOf(details["finish_reason"]) ?? textOf(details["stop_reason"]);
  return {
    responseId: textOf(details["id"]) ?? textOf(id),
    responseModel: textOf(details["model_name"]) ?? textOf(details["model"]),
    output: message === undefined ? [] : [{ ...toMessage(message), role: "assistant" }],
    finishReasons: reason === null ? [] : [reason],
    usage: usageOf(usage),
  };
}

interface Chunk {
  message?: unknown;
  generationInfo?: unknown;
  concat?: (next: unknown) => Chunk;
}

/** Puts the generation chunks of a stream together, by their own means. */
class ChunkAccumulator implements AnswerAccumulator {
  private whole: Chunk | undefined;

  add(chunk: unknown): void {
    this.whole = this.whole?.concat === undefined ? (chunk as Chunk) : this.whole.concat(chunk);
  }

  answer(): ModelAnswer {
    return this.whole === undefined ? noAnswer : answerOf(this.whole.message, this.whole.generationInfo);
  }
}

/** A chat model of LangChain: `messages` as `_generate` takes them, `metadata` of the runnable. */
export function chatModelEndpoint(userMessage: (text: string) => unknown): Endpoint {
  return {
    operation: "chat",
    messages: messagesOf,
    systemInstructions: () => null,
    toMessage,
    hints: (body) => ({
      ...namedIn(wireOf(body["metadata"])),
      ...startOfConversation(messagesOf(body), { roleOf, toMessage }),
      previousResponseId: undefined,
    }),
    maxOutputTokens: (body) => boundOf(body["maxTokens"]),
    replyKey: (answer) => replyKeyOf(answer.output.slice(0, 1)),
    mayAppend,
    inject: (body, injections) => ({
      ...body,
      messages: insertInjections<unknown>(messagesOf(body), injections, userMessage),
    }),
    readAnswer(data) {
      const [generation] = wires(data["generations"]);
      return answerOf(generation?.["message"], generation?.["generationInfo"]);
    },
    accumulate: () => new ChunkAccumulator(),
  };
}
