import { type ScriptedMessage, type ScriptedRequest, usageOf } from "./scripted-answer.ts";

/** A scripted message with everything the wire needs filled in. */
export interface NumberedAnswer {
  id: string;
  createdSeconds: number;
  model: string;
  text: string | null;
  toolCalls: readonly { id: string; name: string; arguments: string }[];
  usage: { inputTokens: number; outputTokens: number; cachedInputTokens: number };
  chunkCharacters: number;
}

/** Ids count the requests of the server, so that the same script gives the same ids. */
export function numberAnswer(
  request: ScriptedRequest,
  answer: ScriptedMessage,
  createdSeconds: number,
): NumberedAnswer {
  const id = String(request.sequence);
  return {
    id,
    createdSeconds,
    model: request.model,
    text: answer.text ?? null,
    toolCalls: (answer.toolCalls ?? []).map((call, index) => ({
      id: call.id ?? `call_${id}_${String(index)}`,
      name: call.name,
      arguments: typeof call.arguments === "string" ? call.arguments : JSON.stringify(call.arguments),
    })),
    usage: usageOf(request, answer),
    chunkCharacters: Math.max(1, answer.chunkCharacters ?? 12),
  };
}
