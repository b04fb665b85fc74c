import { createHash } from "node:crypto";
import { textOr } from "./wire-input.ts";

const dimensions = 16;

/** The same text has the same unit vector; different texts are unrelated. */
function vectorOf(text: string): number[] {
  const bytes = createHash("sha256").update(text).digest();
  const raw = Array.from({ length: dimensions }, (_, index) => (bytes[index] ?? 0) - 127.5);
  const length = Math.hypot(...raw);
  return raw.map((value) => value / length);
}

const encode = (vector: number[]): string => Buffer.from(Float32Array.from(vector).buffer).toString("base64");

/** Answer to an embeddings request. */
export function embeddingsResponse(body: Record<string, unknown>): Record<string, unknown> {
  const { input } = body;
  const texts = (Array.isArray(input) ? input : [input]).map((text) =>
    textOr(text, JSON.stringify(text) ?? ""),
  );
  const asBase64 = body["encoding_format"] === "base64";
  const data = texts.map((text, index) => {
    const vector = vectorOf(text);
    return { object: "embedding", index, embedding: asBase64 ? encode(vector) : vector };
  });
  const tokens = Math.ceil(texts.join("").length / 4);
  return {
    object: "list",
    data,
    model: textOr(body["model"], "embedding"),
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}
