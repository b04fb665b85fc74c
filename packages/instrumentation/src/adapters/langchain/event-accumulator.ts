import type { MessagePart } from "@plumbline/contracts";
import { type AnswerAccumulator, type ModelAnswer, noAnswer } from "../../observe/model-call.ts";
import { parseArguments, textOf, type Wire, wireOf } from "../../observe/openai/wire.ts";
import { usageOf } from "./message.ts";

function partOf(block: Wire): MessagePart {
  const { type, id, name, args } = block;
  if (type === "text") return { type: "text", content: textOf(block["text"]) ?? "" };
  if (type === "reasoning") return { type: "reasoning", content: textOf(block["reasoning"]) ?? "" };
  if (type !== "tool_call") return { type: textOf(type) ?? "unknown" };
  return { type: "tool_call", id: textOf(id), name: textOf(name) ?? "", arguments: parseArguments(args) };
}

/** Puts the events of LangChain's content-block protocol together, from the blocks that were finished. */
export class EventAccumulator implements AnswerAccumulator {
  private readonly parts: MessagePart[] = [];
  private head: Omit<ModelAnswer, "output"> = noAnswer;

  add(chunk: unknown): void {
    const { event, id, usage, reason, content, metadata } = wireOf(chunk);
    if (event === "content-block-finish") this.parts.push(partOf(wireOf(content)));
    const finished = textOf(reason);
    this.head = {
      responseId: textOf(id) ?? this.head.responseId,
      responseModel: textOf(wireOf(metadata)["model_name"]) ?? this.head.responseModel,
      usage: usageOf(usage) ?? this.head.usage,
      finishReasons: finished === null ? this.head.finishReasons : [finished],
    };
  }

  answer(): ModelAnswer {
    const output = this.parts.length === 0 ? [] : [{ role: "assistant", parts: this.parts }];
    return { ...this.head, output };
  }
}
