import { type Context, context, type Span, trace } from "@opentelemetry/api";
import type { Runtime } from "../../runtime.ts";
import { chatEndpoint } from "./chat-endpoint.ts";
import { type ApiPromise, type ClientShape, isApiPromise, isApiStream } from "./client-shape.ts";
import { embeddingsEndpoint } from "./embeddings-endpoint.ts";
import type { Endpoint } from "./endpoint.ts";
import { patchHelpers } from "./patch-helpers.ts";
import { responsesEndpoint } from "./responses-endpoint.ts";
import { ModelCallSession, type RequestOptions, type ServerInfo } from "./model-call-session.ts";
import { signalOfModelCall } from "../model-call-scope.ts";
import { isWire, wireOf } from "./wire.ts";

const sessionKey = Symbol("plumbline.session");
const patchedKey = Symbol.for("plumbline.openai.patched");

/** One provider's client, of the family whose members share their innards: what is to be known about its API. */
export interface ClientApi {
  endpoints: Readonly<Record<string, Endpoint>>;
  providerAt: (hostname: string) => string;
  /**
   * Where a stream is followed: `iterator`, the chunks that the client hands out, or `body`, the bytes that the client reads,
   * where helpers of the client make streams of their own. The endpoints' accumulators take the one or the other.
   */
  streams: "iterator" | "body";
  /** Wraps the helpers of one client that call tools by themselves. */
  patchHelpers: (client: ClientShape, runtimeOf: () => Runtime) => void;
}

const openaiApi: ClientApi = {
  endpoints: {
    "/chat/completions": chatEndpoint,
    "/responses": responsesEndpoint,
    "/embeddings": embeddingsEndpoint,
  },
  providerAt: (hostname) => (hostname.endsWith(".azure.com") ? "azure.ai.openai" : "openai"),
  streams: "iterator",
  patchHelpers(client, runtimeOf) {
    patchHelpers(client.chat?.completions, runtimeOf);
    patchHelpers(client.responses, runtimeOf);
  },
};

type Sessioned = RequestOptions & { [sessionKey]?: ModelCallSession };

function sessionOf(options: unknown): ModelCallSession | undefined {
  return isWire(options) ? (options as Sessioned)[sessionKey] : undefined;
}

const maxServers = 100;

/** An application talks to few servers: each base URL is read once. */
class Servers {
  private readonly known = new Map<unknown, ServerInfo>();
  private readonly api: ClientApi;

  constructor(api: ClientApi) {
    this.api = api;
  }

  at(baseUrl: unknown): ServerInfo {
    const known = this.known.get(baseUrl);
    if (known !== undefined) return known;
    if (this.known.size >= maxServers) this.known.clear();
    const server = this.read(baseUrl);
    this.known.set(baseUrl, server);
    return server;
  }

  private read(baseUrl: unknown): ServerInfo {
    if (typeof baseUrl !== "string" || !URL.canParse(baseUrl))
      return { provider: this.api.providerAt(""), address: null, port: null };
    const { hostname, port, protocol } = new URL(baseUrl);
    const provider = this.api.providerAt(hostname);
    return { provider, address: hostname, port: Number(port) || (protocol === "https:" ? 443 : 80) };
  }
}

/** What the application awaits: whole answers are read on their way through, streams are followed. */
function observed(session: ModelCallSession, data: unknown, api: ClientApi): unknown {
  if (isApiStream(data) && api.streams === "body") return data;
  if (!isApiStream(data)) {
    session.answered(data);
    return data;
  }
  const original = data.iterator.bind(data);
  session.handedOut(data.controller.signal);
  data.iterator = () => session.observe({ [Symbol.asyncIterator]: original });
  return data;
}

/** Some clients trace their calls themselves: the step belongs inside the span of the call. */
function contextOf(options: Sessioned): Context {
  const span = wireOf(options["__span"])["span"] as Span | undefined;
  return span === undefined ? context.active() : trace.setSpan(context.active(), span);
}

async function prepared(session: ModelCallSession, options: unknown): Promise<unknown> {
  const given = (await options) as Sessioned;
  await context.with(contextOf(given), () => session.prepare(given));
  given[sessionKey] = session;
  return given;
}

function patchPost(target: ClientShape, runtimeOf: () => Runtime, api: ClientApi): void {
  const original = target.post;
  const servers = new Servers(api);
  target.post = function post(this: ClientShape, path: string, options?: unknown): ApiPromise {
    const endpoint = api.endpoints[path.split("?", 1)[0] ?? path];
    const isGatedAbove = signalOfModelCall() !== undefined;
    if (endpoint === undefined || options === undefined || isGatedAbove)
      return original.call(this, path, options);
    const runtime = runtimeOf();
    runtime.observesClients = true;
    const session = new ModelCallSession(runtime, endpoint, servers.at(this.baseURL));
    const answer = original.call(this, path, prepared(session, options));
    return isApiPromise(answer) ? answer._thenUnwrap((data) => observed(session, data, api)) : answer;
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

function followBody(session: ModelCallSession, props: unknown): void {
  const { response, controller } = wireOf(props);
  if (!(response instanceof Response) || response.body === null) return;
  if (controller instanceof AbortController) session.handedOut(controller.signal);
  const value = ReadableStream.from(session.observe(response.body));
  Object.defineProperty(response, "body", { value, configurable: true });
}

function watchAnswer(session: ModelCallSession, props: unknown, api: ClientApi): void {
  if (!session.isStream) {
    watchBody(session, props);
    return;
  }
  if (api.streams === "body") followBody(session, props);
  void session.responded();
}

function patchMakeRequest(target: ClientShape, api: ClientApi): void {
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
      if (isOutermost) watchAnswer(session, props, api);
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
export function patchClient(target: ClientShape, runtimeOf: () => Runtime, api: ClientApi = openaiApi): void {
  if (patchedKey in target) return;
  Object.defineProperty(target, patchedKey, { value: true });
  patchPost(target, runtimeOf, api);
  patchMakeRequest(target, api);
  patchParse(target);
  patchWithOptions(target, (client) => instrumentClient(client, runtimeOf, api));
}

/** Wraps one client: its requests and the helpers of its resources. */
export function instrumentClient(
  client: ClientShape,
  runtimeOf: () => Runtime,
  api: ClientApi = openaiApi,
): void {
  patchClient(client, runtimeOf, api);
  api.patchHelpers(client, runtimeOf);
}
