import type OpenAI from "openai";
import { type Embedder, messageOf, RetryableError } from "@plumbline/contracts";

export interface OpenAiEmbedderOptions {
  /** Address of the API, such as https://api.openai.com/v1. */
  baseUrl: string;
  model: string;
  /** Asked for where the model can shorten its vectors; null takes what it gives. */
  dimensions: number | null;
  apiKey: string;
}

const maxChars = 8_000;
const maxRetries = 1;

function normalised(values: readonly number[]): Float32Array {
  const length = Math.hypot(...values) || 1;
  return Float32Array.from(values, (value) => value / length);
}

/** Any endpoint that speaks OpenAI's embeddings API. */
export function createOpenAiEmbedder(options: OpenAiEmbedderOptions): Embedder {
  const { baseUrl, model, dimensions, apiKey } = options;
  let opened: Promise<OpenAI> | undefined;
  // Loaded by those who use it: it is a large package.
  const open = async (): Promise<OpenAI> => {
    const { default: Client } = await import("openai");
    return new Client({ baseURL: baseUrl, apiKey, maxRetries });
  };
  const asked = dimensions === null ? {} : { dimensions };
  return {
    id: `openai:${model}${dimensions === null ? "" : `:${String(dimensions)}`}`,
    dimensions: dimensions ?? 0,
    async embed(texts, signal) {
      if (texts.length === 0) return [];
      try {
        const input = texts.map((text) => text.slice(0, maxChars) || " ");
        opened ??= open();
        const client = await opened;
        const { data } = await client.embeddings.create(
          { model, input, encoding_format: "float", ...asked },
          signal === undefined ? {} : { signal },
        );
        const sorted = data.toSorted((a, b) => a.index - b.index);
        if (sorted.length !== texts.length)
          throw new Error(`${String(sorted.length)} vectors for ${String(texts.length)} texts`);
        return sorted.map(({ embedding }) => normalised(embedding));
      } catch (cause) {
        signal?.throwIfAborted();
        throw new RetryableError(`${baseUrl} gave no embeddings: ${messageOf(cause)}.`, {
          code: "EMBEDDER_FAILED",
          mend: "Check address, model and key of the embedder.",
          cause,
        });
      }
    },
    close: () => Promise.resolve(),
  };
}
