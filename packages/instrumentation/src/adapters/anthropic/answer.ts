import type { Message } from "@plumbline/contracts";
import { type AnswerAccumulator, type ModelAnswer, noAnswer } from "../../observe/model-call.ts";
import { createSseParser } from "../../control/sse-parser.ts";
import { parseArguments, textOf, type Wire, wireOf } from "../../observe/openai/wire.ts";
import { partsOf, usageOf } from "./message.ts";

const reasons: Readonly<Record<string, string>> = {
  end_turn: "stop",
  tool_use: "tool_calls",
  max_tokens: "length",
};

function finishReasons(reason: unknown): string[] {
  const text = textOf(reason);
  return text === null ? [] : [reasons[text] ?? text];
}

function outputOf(content: unknown): Message[] {
  const parts = partsOf(content);
  return parts.length === 0 ? [] : [{ role: "assistant", parts }];
}

/** What `POST /v1/messages` answers. */
export function readAnswer(data: Wire): ModelAnswer {
  return {
    responseId: textOf(data["id"]),
    responseModel: textOf(data["model"]),
    output: outputOf(data["content"]),
    finishReasons: finishReasons(data["stop_reason"]),
    usage: usageOf(data["usage"]),
  };
}

interface PartialBlock {
  block: Wire;
  json: string;
}

/** Puts the bytes of a stream together. */
export class MessageAccumulator implements AnswerAccumulator {
  private readonly parser = createSseParser();
  private readonly decoder = new TextDecoder();
  private message: Wire = {};
  private readonly blocks: PartialBlock[] = [];

  add(chunk: unknown): void {
    if (!(chunk instanceof Uint8Array)) return;
    for (const { data } of this.parser.push(this.decoder.decode(chunk, { stream: true })))
      this.addEvent(wireOf(parseArguments(data)));
  }

  private addEvent(event: Wire): void {
    switch (event["type"]) {
      case "message_start":
        this.message = { ...wireOf(event["message"]) };
        break;
      case "content_block_start":
        this.blocks.push({ block: { ...wireOf(event["content_block"]) }, json: "" });
        break;
      case "content_block_delta":
        this.addDelta(wireOf(event["delta"]));
        break;
      case "message_delta":
        this.message["stop_reason"] = wireOf(event["delta"])["stop_reason"];
        this.message["usage"] = { ...wireOf(this.message["usage"]), ...wireOf(event["usage"]) };
        break;
      default:
    }
  }

  answer(): ModelAnswer {
    if (Object.keys(this.message).length === 0) return noAnswer;
    const content = this.blocks.map(({ block, json }) =>
      json === "" ? block : { ...block, input: parseArguments(json) },
    );
    return readAnswer({ ...this.message, content });
  }

  private addDelta(delta: Wire): void {
    const last = this.blocks.at(-1);
    if (last === undefined) return;
    const { text, thinking, partial_json: json } = delta;
    const { block } = last;
    if (typeof text === "string") block["text"] = `${textOf(block["text"]) ?? ""}${text}`;
    if (typeof thinking === "string") block["thinking"] = `${textOf(block["thinking"]) ?? ""}${thinking}`;
    if (typeof json === "string") last.json += json;
  }
}
