import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createOpenAiEmbedder } from "@plumbline/analyzer";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

interface Asked {
  path: string | undefined;
  key: string | undefined;
  body: { model: string; input: string[]; dimensions?: number };
}

let server: Server;
let baseUrl: string;
let asked: Asked[] = [];
/** What the endpoint answers; vectors are told in reverse order, as the API allows. */
let answer: (input: readonly string[]) => { status: number; body: unknown };

const vectorsOf = (input: readonly string[]): unknown => ({
  object: "list",
  model: "tiny",
  usage: { prompt_tokens: 1, total_tokens: 1 },
  data: input
    .map((text, index) => ({ object: "embedding", index, embedding: [text.length, 2 * text.length] }))
    .toReversed(),
});

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

beforeEach(async () => {
  asked = [];
  answer = (input) => ({ status: 200, body: vectorsOf(input) });
  server = createServer((request, response) => {
    void bodyOf(request).then((text) => {
      const body = JSON.parse(text) as Asked["body"];
      asked.push({ path: request.url, key: request.headers.authorization, body });
      const { status, body: reply } = answer(body.input);
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(reply));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  baseUrl = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/v1`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const embedderWith = (dimensions: number | null) =>
  createOpenAiEmbedder({ baseUrl, model: "tiny", dimensions, apiKey: "secret" });

describe("an OpenAI-compatible embedder", () => {
  test("asks for all texts at once and gives unit vectors in their order", async () => {
    const vectors = await embedderWith(null).embed(["a", "four"]);
    expect(asked).toMatchObject([
      { path: "/v1/embeddings", key: "Bearer secret", body: { model: "tiny", input: ["a", "four"] } },
    ]);
    expect(asked[0]?.body.dimensions).toBeUndefined();
    for (const vector of vectors) expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
    expect(vectors).toHaveLength(2);
  });

  test("is another embedder for every model and size, since vectors of two are never compared", async () => {
    await embedderWith(256).embed(["a"]);
    expect(asked[0]?.body.dimensions).toBe(256);
    expect([embedderWith(null).id, embedderWith(256).id]).toEqual(["openai:tiny", "openai:tiny:256"]);
  });

  test("an endpoint that refuses, or answers with too few vectors, is told as such", async () => {
    answer = () => ({ status: 401, body: { error: { message: "wrong key" } } });
    await expect(embedderWith(null).embed(["a"])).rejects.toThrow(/gave no embeddings: .*wrong key/);
    answer = (input) => ({ status: 200, body: vectorsOf(input.slice(1)) });
    await expect(embedderWith(null).embed(["a", "b"])).rejects.toThrow("1 vectors for 2 texts");
  });

  test("an aborted call rejects with its reason", async () => {
    const signal = AbortSignal.abort(new Error("too late"));
    await expect(embedderWith(null).embed(["a"], signal)).rejects.toThrow("too late");
  });
});
