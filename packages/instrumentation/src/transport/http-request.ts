import { context, ROOT_CONTEXT } from "@opentelemetry/api";
import type * as http from "node:http";

/** What OpenTelemetry's SDKs read to leave a request untraced; the key is a registered symbol. */
const untraced = ROOT_CONTEXT.setValue(Symbol.for("OpenTelemetry SDK Context Key SUPPRESS_TRACING"), true);

export interface HttpRequest {
  url: string;
  method: "GET" | "POST";
  headers: Record<string, string>;
  body?: string | Buffer | undefined;
  /** Until the head of the answer. */
  timeoutMs: number;
  signal?: AbortSignal | undefined;
  /** A connection that must not keep the process alive. */
  background?: boolean;
}

interface Requester {
  request: typeof http.request;
  /** Keeps connections for the next request. */
  agent: http.Agent;
}

const agentOptions = { keepAlive: true, maxSockets: 4, maxFreeSockets: 2 };
const requesters = new Map<string, Promise<Requester>>();

/** Loaded at the first request: an import of this package should cost little. */
async function loadRequester(protocol: string): Promise<Requester> {
  const { Agent, request } = await (protocol === "https:" ? import("node:https") : import("node:http"));
  return { request, agent: new Agent(agentOptions) };
}

function requesterFor(protocol: string): Promise<Requester> {
  const requester = requesters.get(protocol) ?? loadRequester(protocol);
  requesters.set(protocol, requester);
  return requester;
}

function send({ request, agent }: Requester, options: HttpRequest): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = request(options.url, {
      method: options.method,
      headers: options.headers,
      agent: options.background === true ? false : agent,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    if (options.background === true) outgoing.on("socket", (socket) => socket.unref());
    const timer = setTimeout(
      () => outgoing.destroy(new Error(`${options.url} did not answer in time.`)),
      options.timeoutMs,
    );
    timer.unref();
    outgoing.once("close", () => clearTimeout(timer));
    outgoing.once("error", reject);
    outgoing.once("response", (response) => {
      clearTimeout(timer);
      resolve(response);
    });
    outgoing.end(options.body);
  });
}

/**
 * One HTTP request outside every trace and run of the application.
 * @returns the answer with its body unread
 */
export async function requestHttp(options: HttpRequest): Promise<http.IncomingMessage> {
  const requester = await requesterFor(new URL(options.url).protocol);
  return context.with(untraced, () => send(requester, options));
}

/** Reads and forgets up to `maxBytes` of a body as text; more is an error. */
export async function readText(response: http.IncomingMessage, maxBytes = 4_194_304): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new Error(`The answer is larger than ${String(maxBytes)} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Milliseconds of a Retry-After header, in seconds or as a date; undefined when there is none that makes sense. */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  const seconds = Number(header);
  const delayMs = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - nowMs;
  return Number.isFinite(delayMs) ? Math.max(0, delayMs) : undefined;
}
