import type { Runtime } from "../../runtime.ts";
import { chatEndpoint } from "./chat-endpoint.ts";
import { type ApiPromise, type ClientShape, isApiPromise, isApiStream } from "./client-shape.ts";
import { embeddingsEndpoint } from "./embeddings-endpoint.ts";
import type { Endpoint } from "./endpoint.ts";
import { patchHelpers } from "./patch-helpers.ts";
import { responsesEndpoint } from "./responses-endpoint.ts";
import { ModelCallSession, type RequestOptions, type ServerInfo } from "./model-call-session.ts";
import { signalOfModelCall } from "../model-call-scope.ts";
import { isWire } from "./wire.ts";

const sessionKey = Symbol("plumbline.session");
const patchedKey = Symbol.for("plumbline.openai.patched");

const endpoints: Readonly<Record<string, Endpoint>> = {
  "/chat/completions": chatEndpoint,
  "/responses": responsesEndpoint,
  "/embeddings": embeddingsEndpoint,
};

type Sessioned = RequestOptions & { [sessionKey]?: ModelCallSession };

function sessionOf(options: unknown): ModelCallSession | undefined {
  return isWire(options) ? (options as Sessioned)[sessionKey] : undefined;
}

const servers = new Map<unknown, ServerInfo>();
const maxServers = 100;

/** An application talks to few servers: each base URL is read once. */
function serverOf(baseUrl: unknown): ServerInfo {
  const known = servers.get(baseUrl);
  if (known !== undefined) return known;
  if (servers.size >= maxServers) servers.clear();
  const server = readServer(baseUrl);
  servers.set(baseUrl, server);
  return server;
}

function readServer(baseUrl: unknown): ServerInfo {
  if (typeof baseUrl !== "string" || !URL.canParse(baseUrl))
    return { provider: "openai", address: null, port: null };
  const { hostname, port, protocol } = new URL(baseUrl);
  const provider = hostname.endsWith(".azure.com") ? "azure.ai.openai" : "openai";
  return { provider, address: hostname, port: Number(port) || (protocol === "https:" ? 443 : 80) };
}

/** What the application awaits: whole answers are read on their way through, streams are followed. */
function observed(session: ModelCallSession, data: unknown): unknown {
  if (!isApiStream(data)) {
    session.answered(data);
    return data;
  }
  const original = data.iterator.bind(data);
  session.handedOut(data.controller.signal);
  data.iterator = () => session.observe({ [Symbol.asyncIterator]: original });
  return data;
}

async function prepared(session: ModelCallSession, options: unknown): Promise<unknown> {
  const given = (await options) as Sessioned;
  await session.prepare(given);
  given[sessionKey] = session;
  return given;
}

function patchPost(target: ClientShape, runtimeOf: () => Runtime): void {
  const original = target.post;
  target.post = function post(this: ClientShape, path: string, options?: unknown): ApiPromise {
    const endpoint = endpoints[path.split("?", 1)[0] ?? path];
    const isGatedAbove = signalOfModelCall() !== undefined;
    if (endpoint === undefined || options === undefined || isGatedAbove)
      return original.call(this, path, options);
    const runtime = runtimeOf();
    runtime.observesClients = true;
    const session = new ModelCallSession(runtime, endpoint, serverOf(this.baseURL));
    const answer = original.call(this, path, prepared(session, options));
    return isApiPromise(answer) ? answer._thenUnwrap((data) => observed(session, data)) : answer;
  };
}

/** Bodies are read after the request, by the client or by the application: what comes of that ends the step. */
function watchBody(session: ModelCallSession, props: unknown): void {
  const response = isWire(props) ? props["response"] : undefined;
  if (!(response instanceof Response)) return;
  const watch =
    (read: () => Promise<unknown>, done: (data: unknown) => void) => async (): Promise<unknown> => {
      try {
        const data = await read();
        done(data);
        return data;
      } catch (thrown) {
        const shown = session.translate(thrown);
        session.fail(shown);
        throw shown;
      }
    };
  const json = watch(response.json.bind(response), (data) => session.answered(data));
  const text = watch(response.text.bind(response), () => undefined);
  Object.defineProperties(response, {
    json: { value: json, configurable: true, writable: true },
    text: { value: text, configurable: true, writable: true },
  });
}

function watchAnswer(session: ModelCallSession, props: unknown): void {
  if (session.isStream) void session.responded();
  else watchBody(session, props);
}

function patchMakeRequest(target: ClientShape): void {
  const original = target.makeRequest;
  target.makeRequest = async function makeRequest(
    this: ClientShape,
    ...[input, ...retry]: Parameters<ClientShape["makeRequest"]>
  ): Promise<unknown> {
    const options = await input;
    const session = sessionOf(options);
    if (session === undefined) return original.call(this, options, ...retry);
    const isOutermost = session.attempts === 0;
    try {
      await session.beforeAttempt();
      const props = await original.call(this, options, ...retry);
      if (isOutermost) watchAnswer(session, props);
      return props;
    } catch (thrown) {
      const shown = session.translate(thrown);
      if (isOutermost) session.fail(shown);
      throw shown;
    }
  };
}

function patchParse(target: ClientShape): void {
  const original = target.parseResponseWithTimeout;
  if (typeof original !== "function") return;
  target.parseResponseWithTimeout = async function parse(
    this: ClientShape,
    client: unknown,
    props: unknown,
  ): Promise<unknown> {
    const session = isWire(props) ? sessionOf(props["options"]) : undefined;
    try {
      return await original.call(this, client, props);
    } catch (thrown) {
      if (session === undefined) throw thrown;
      const shown = session.translate(thrown);
      session.fail(shown);
      throw shown;
    }
  };
}

function patchWithOptions(target: ClientShape, patch: (client: ClientShape) => void): void {
  const original = target.withOptions;
  if (typeof original !== "function") return;
  target.withOptions = function withOptions(this: ClientShape, options: unknown): unknown {
    const derived = original.call(this, options) as ClientShape;
    patch(derived);
    return derived;
  };
}

/**
 * Wraps the methods through which every call of a client goes, on a client or on the prototype of all clients.
 * Wrapping the same target twice changes nothing.
 */
export function patchClient(target: ClientShape, runtimeOf: () => Runtime): void {
  if (patchedKey in target) return;
  Object.defineProperty(target, patchedKey, { value: true });
  patchPost(target, runtimeOf);
  patchMakeRequest(target);
  patchParse(target);
  patchWithOptions(target, (client) => instrumentClient(client, runtimeOf));
}

/** Wraps one client: its requests and the helpers of its resources. */
export function instrumentClient(client: ClientShape, runtimeOf: () => Runtime): void {
  patchClient(client, runtimeOf);
  patchHelpers(client.chat?.completions, runtimeOf);
  patchHelpers(client.responses, runtimeOf);
}
