import { type Clock, messageOf, systemClock } from "@plumbline/contracts";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { chatCompletion, chatCompletionEvents, readChatMessages } from "./chat-wire.ts";
import { embeddingsResponse } from "./embeddings-wire.ts";
import { messageEvents, messageObject, readMessages } from "./messages-wire.ts";
import { type NumberedAnswer, numberAnswer } from "./numbered-answer.ts";
import { readResponsesInput, responseEvents, responseObject } from "./responses-wire.ts";
import {
  isDisconnect,
  isFailure,
  type ScriptedAnswer,
  type ScriptedFailure,
  type ScriptedMessage,
  type ScriptedRequest,
} from "./scripted-answer.ts";
import { isRecord, listOf, textOr } from "./wire-input.ts";

export interface ScriptedModelOptions {
  /** The model: its answer to every chat completions or responses request. May look at the whole request. */
  answer: (request: ScriptedRequest) => ScriptedAnswer | Promise<ScriptedAnswer>;
  /** 0, the default, takes a free one. */
  port?: number;
  host?: string;
  /** What `GET /v1/models` lists. */
  models?: readonly string[];
  clock?: Clock;
}

export interface ScriptedModel {
  /** For `new OpenAI({ baseURL })`: ends in `/v1`. */
  baseUrl: string;
  /** Every chat completions and responses request so far, oldest first. */
  requests: readonly ScriptedRequest[];
  /** How many answers the client broke off before their end. */
  readonly abortedAnswers: number;
  close(): Promise<void>;
}

interface ModelState {
  options: ScriptedModelOptions;
  clock: Clock;
  requests: ScriptedRequest[];
  abortedAnswers: number;
}

interface Exchange {
  response: ServerResponse;
  /** Aborts when the client goes away. */
  gone: AbortSignal;
}

async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const parsed: unknown = JSON.parse(Buffer.concat(chunks).toString("utf8") || "{}");
  return isRecord(parsed) ? parsed : {};
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

function sendFailure(response: ServerResponse, failure: ScriptedFailure): void {
  if (failure.retryAfterSeconds !== undefined)
    response.setHeader("retry-after", String(failure.retryAfterSeconds));
  const message = failure.message ?? `scripted failure ${String(failure.status)}`;
  sendJson(response, failure.status, {
    error: { message, type: "scripted_failure", code: null, param: null },
  });
}

const readers = {
  "chat.completions": readChatMessages,
  responses: readResponsesInput,
  messages: readMessages,
} as const;

function bodyOf(request: ScriptedRequest, answer: NumberedAnswer): Record<string, unknown> {
  if (request.endpoint === "messages") return messageObject(answer);
  return request.endpoint === "responses" ? responseObject(answer, "completed") : chatCompletion(answer);
}

function describe(
  state: ModelState,
  endpoint: ScriptedRequest["endpoint"],
  wire: { body: Record<string, unknown>; incoming: IncomingMessage },
): ScriptedRequest {
  const { body, incoming } = wire;
  const tools = listOf(body["tools"]).map((tool) =>
    textOr(isRecord(tool["function"]) ? tool["function"]["name"] : tool["name"], ""),
  );
  const headers = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]);
  return {
    endpoint,
    sequence: state.requests.length + 1,
    model: textOr(body["model"], "scripted"),
    stream: body["stream"] === true,
    messages: readers[endpoint](body),
    tools,
    body,
    headers: Object.fromEntries(headers) as Record<string, string>,
  };
}

function eventsOf(request: ScriptedRequest, answer: NumberedAnswer): string[] {
  if (request.endpoint === "responses") return responseEvents(answer);
  if (request.endpoint === "messages") return messageEvents(answer);
  const options = request.body["stream_options"];
  return chatCompletionEvents(answer, isRecord(options) && options["include_usage"] === true);
}

function hang(gone: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    gone.addEventListener("abort", () => resolve(), { once: true });
  });
}

async function sendStream(
  clock: Clock,
  exchange: Exchange,
  script: { events: string[]; message: ScriptedMessage },
): Promise<void> {
  const { response, gone } = exchange;
  response.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache",
  });
  response.flushHeaders();
  for (const [index, event] of script.events.entries()) {
    if (index === script.message.hangAfterChunks) return hang(gone);
    if (index > 0 && script.message.chunkDelayMs !== undefined)
      await clock.sleep(script.message.chunkDelayMs, gone);
    if (gone.aborted) return;
    response.write(event);
  }
  response.end();
}

async function sendMessage(
  state: ModelState,
  exchange: Exchange,
  turn: { request: ScriptedRequest; message: ScriptedMessage },
): Promise<void> {
  const { request, message } = turn;
  const answer = numberAnswer(request, message, Math.floor(state.clock.nowMs() / 1000));
  if (request.stream) {
    await sendStream(state.clock, exchange, { events: eventsOf(request, answer), message });
    return;
  }
  sendJson(exchange.response, 200, bodyOf(request, answer));
}

async function sendAnswer(state: ModelState, exchange: Exchange, request: ScriptedRequest): Promise<void> {
  const answer = await state.options.answer(request);
  if (answer.delayMs !== undefined) await state.clock.sleep(answer.delayMs, exchange.gone);
  if (isDisconnect(answer)) exchange.response.removeAllListeners("close").destroy();
  else if (isFailure(answer)) sendFailure(exchange.response, answer);
  else await sendMessage(state, exchange, { request, message: answer });
}

const endpoints: Record<string, ScriptedRequest["endpoint"]> = {
  "/v1/chat/completions": "chat.completions",
  "/v1/responses": "responses",
  "/v1/messages": "messages",
};

function watchClient(state: ModelState, response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once("close", () => {
    if (response.writableFinished) return;
    state.abortedAnswers += 1;
    controller.abort(new Error("The client went away."));
  });
  return controller.signal;
}

async function serve(state: ModelState, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = (incoming.url ?? "").split("?")[0] ?? "";
  if (path === "/v1/models") {
    const data = (state.options.models ?? ["scripted"]).map((id) => ({
      id,
      object: "model",
      created: 0,
      owned_by: "plumbline",
    }));
    sendJson(response, 200, { object: "list", data });
    return;
  }
  const body = await readBody(incoming);
  const endpoint = endpoints[path];
  if (path === "/v1/embeddings") sendJson(response, 200, embeddingsResponse(body));
  else if (endpoint === undefined)
    sendFailure(response, { status: 404, message: `The scripted model has no ${path}.` });
  else {
    const request = describe(state, endpoint, { body, incoming });
    state.requests.push(request);
    await sendAnswer(state, { response, gone: watchClient(state, response) }, request);
  }
}

function listen(server: Server, port: number, host: string): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => resolve(server.address() as AddressInfo));
  });
}

/**
 * An HTTP server that speaks as OpenAI does (chat completions, responses, embeddings, models) and as Anthropic does
 * (messages), streams included, and whose answers are a function of the request. A script that throws answers 500 with its message.
 */
export async function startScriptedModel(options: ScriptedModelOptions): Promise<ScriptedModel> {
  const state: ModelState = { options, clock: options.clock ?? systemClock, requests: [], abortedAnswers: 0 };
  const server = createServer((incoming, response) => {
    serve(state, incoming, response).catch((thrown: unknown) => {
      if (response.headersSent || response.destroyed) response.destroy();
      else sendFailure(response, { status: 500, message: messageOf(thrown) });
    });
  });
  const host = options.host ?? "127.0.0.1";
  const address = await listen(server, options.port ?? 0, host);
  return {
    baseUrl: `http://${host}:${String(address.port)}/v1`,
    requests: state.requests,
    get abortedAnswers() {
      return state.abortedAnswers;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
