import type { Message, Usage } from "@plumbline/contracts";
import { type AnswerAccumulator, type ModelAnswer, noAnswer } from "../../observe/model-call.ts";
import { countOf, isWire, textOf, type Wire, wireOf } from "../../observe/openai/wire.ts";
import { partsOf } from "./prompt.ts";

/** Counts of the newer models come with their details, those of the older ones bare. */
const total = (count: unknown): number => countOf(isWire(count) ? count["total"] : count);

function usageOf(usage: unknown): Usage | null {
  if (!isWire(usage)) return null;
  const { inputTokens, outputTokens, cachedInputTokens, reasoningTokens } = usage;
  if (total(inputTokens) === 0 && total(outputTokens) === 0) return null;
  return {
    inputTokens: total(inputTokens),
    outputTokens: total(outputTokens),
    cachedInputTokens: countOf(wireOf(inputTokens)["cacheRead"] ?? cachedInputTokens),
    reasoningOutputTokens: countOf(wireOf(outputTokens)["reasoning"] ?? reasoningTokens),
    estimated: false,
  };
}

function finishReasons(reason: unknown): string[] {
  const text = textOf(reason) ?? textOf(wireOf(reason)["unified"]);
  if (text === null) return [];
  return [text === "tool-calls" ? "tool_calls" : text];
}

function outputOf(content: unknown): Message[] {
  const parts = partsOf(content);
  return parts.length === 0 ? [] : [{ role: "assistant", parts }];
}

/** What a language model's `doGenerate` answers. */
export function readAnswer(data: Wire): ModelAnswer {
  const response = wireOf(data["response"]);
  return {
    responseId: textOf(response["id"]),
    responseModel: textOf(response["modelId"]),
    output: outputOf(data["content"]),
    finishReasons: finishReasons(data["finishReason"]),
    usage: usageOf(data["usage"]),
  };
}

/** Puts the parts of a `doStream` together. */
export class StreamAccumulator implements AnswerAccumulator {
  private latest: ModelAnswer = noAnswer;
  private readonly content: Wire[] = [];

  add(chunk: unknown): void {
    const part = wireOf(chunk);
    switch (part["type"]) {
      case "text-delta":
        this.append("text", part["delta"]);
        break;
      case "reasoning-delta":
        this.append("reasoning", part["delta"]);
        break;
      case "tool-call":
        this.content.push(part);
        break;
      case "response-metadata":
        this.latest = {
          ...this.latest,
          responseId: textOf(part["id"]) ?? this.latest.responseId,
          responseModel: textOf(part["modelId"]) ?? this.latest.responseModel,
        };
        break;
      case "finish":
        this.latest = {
          ...this.latest,
          usage: usageOf(part["usage"]),
          finishReasons: finishReasons(part["finishReason"]),
        };
        break;
      default:
    }
  }

  answer(): ModelAnswer {
    return { ...this.latest, output: outputOf(this.content) };
  }

  private append(type: "text" | "reasoning", delta: unknown): void {
    const last = this.content.at(-1);
    if (last?.["type"] === type) last["text"] = `${String(last["text"])}${textOf(delta) ?? ""}`;
    else this.content.push({ type, text: textOf(delta) ?? "" });
  }
}
