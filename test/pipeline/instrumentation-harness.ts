import {
  type AgentEvent,
  controlPath,
  decodeAgentEvent,
  type Directive,
  eventPayloadAttribute,
  initialDirective,
  type SignedDirective,
} from "@plumbline/contracts";
import { generateKeyPairSync, sign } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

interface OtlpKeyValue {
  key: string;
  value: { stringValue?: string; intValue?: string };
}

export interface SinkSpan {
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  attributes: Record<string, string>;
}

/** A gateway and an OTLP receiver over real HTTP, with a key of its own: the other side of the agent's wire. */
export interface TestServer {
  url: string;
  port: number;
  /** For `trustedKeys`. */
  trustedKeys: { keyId: string; publicKeyPem: string }[];
  events: AgentEvent[];
  spans: SinkSpan[];
  streamsOpened: number;
  polls: number;
  /** Publishes the next directive of a run. */
  direct(runId: string, change: Partial<Directive>): Directive;
  /** Publishes any envelope as it is. */
  publish(runId: string, envelope: SignedDirective): void;
  sign(directive: Directive, keyId?: string): SignedDirective;
  eventsOf<Name extends AgentEvent["name"]>(
    name: Name,
    runId?: string,
  ): Extract<AgentEvent, { name: Name }>[];
  waitFor(what: string, holds: () => boolean): Promise<void>;
  /** Ends every open stream. */
  cutStreams(): void;
  close(): Promise<void>;
}

export interface TestServerOptions {
  port?: number;
  /** Answers 404 to streams, so that agents fall back to the long poll. */
  withoutStreams?: boolean;
  keys?: ReturnType<typeof generateKeyPairSync>;
}

interface Stream {
  runs: Set<string>;
  response: ServerResponse;
}

async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString("utf8")) as Record<string, unknown>;
}

function attributesOf(list: OtlpKeyValue[] = []): Record<string, string> {
  return Object.fromEntries(list.map(({ key, value }) => [key, value.stringValue ?? value.intValue ?? ""]));
}

interface LogsBody {
  resourceLogs: { scopeLogs: { logRecords: { eventName: string; attributes: OtlpKeyValue[] }[] }[] }[];
}
interface TracesBody {
  resourceSpans: {
    scopeSpans: { spans: (Omit<SinkSpan, "attributes"> & { attributes: OtlpKeyValue[] })[] }[];
  }[];
}

export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { publicKey, privateKey } = options.keys ?? generateKeyPairSync("ed25519");
  const streams = new Set<Stream>();
  const current = new Map<string, SignedDirective>();
  const directives = new Map<string, Directive>();
  const pollers = new Set<() => void>();

  const send = (stream: Stream, envelope: SignedDirective): void => {
    stream.response.write(`event: directive\nid: 0\ndata: ${JSON.stringify(envelope)}\n\n`);
  };

  function openStream(runs: string[], response: ServerResponse): void {
    server.streamsOpened += 1;
    response.writeHead(200, { "content-type": "text/event-stream" });
    const stream = { runs: new Set(runs), response };
    streams.add(stream);
    response.once("close", () => streams.delete(stream));
    response.write(": hello\n\n");
    for (const runId of runs) {
      const envelope = current.get(runId);
      if (envelope === undefined) response.write(`event: unknown\ndata: ${JSON.stringify({ runId })}\n\n`);
      else send(stream, envelope);
    }
  }

  async function poll(body: Record<string, unknown>, response: ServerResponse): Promise<void> {
    server.polls += 1;
    const known = body["runs"] as Record<string, number>;
    const newer = (): SignedDirective[] =>
      Object.entries(known).flatMap(([runId, generation]) => {
        const envelope = current.get(runId);
        return envelope !== undefined && (directives.get(runId)?.generation ?? 0) > generation
          ? [envelope]
          : [];
      });
    if (newer().length === 0 && Number(body["waitMs"]) > 0) {
      await new Promise<void>((resolve) => {
        pollers.add(resolve);
        setTimeout(resolve, Number(body["waitMs"]));
        response.once("close", resolve);
      });
    }
    response.setHeader("content-type", "application/json").end(JSON.stringify({ directives: newer() }));
  }

  function takeLogs(body: LogsBody): void {
    const records = body.resourceLogs.flatMap((resource) =>
      resource.scopeLogs.flatMap((scope) => scope.logRecords),
    );
    for (const record of records) {
      server.events.push(
        decodeAgentEvent(record.eventName, attributesOf(record.attributes)[eventPayloadAttribute]),
      );
    }
  }

  function takeSpans(body: TracesBody): void {
    const spans = body.resourceSpans.flatMap((resource) =>
      resource.scopeSpans.flatMap((scope) => scope.spans),
    );
    for (const span of spans) server.spans.push({ ...span, attributes: attributesOf(span.attributes) });
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readJson(request);
    if (request.url === controlPath.stream && options.withoutStreams === true) response.writeHead(404).end();
    else if (request.url === controlPath.stream) openStream(body["runs"] as string[], response);
    else if (request.url === controlPath.poll) await poll(body, response);
    else {
      if (request.url === "/v1/logs") takeLogs(body as unknown as LogsBody);
      if (request.url === "/v1/traces") takeSpans(body as unknown as TracesBody);
      response.setHeader("content-type", "application/json").end("{}");
    }
  }

  const http = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => http.listen(options.port ?? 0, "127.0.0.1", resolve));
  const { port } = http.address() as AddressInfo;

  const server: TestServer = {
    url: `http://127.0.0.1:${String(port)}`,
    port,
    trustedKeys: [
      { keyId: "k1", publicKeyPem: publicKey.export({ type: "spki", format: "pem" }).toString() },
    ],
    events: [],
    spans: [],
    streamsOpened: 0,
    polls: 0,
    sign(directive, keyId = "k1") {
      const payload = JSON.stringify(directive);
      const signature = sign(null, Buffer.from(payload), privateKey).toString("base64url");
      return { payload, keyId, algorithm: "Ed25519", signature };
    },
    direct(runId, change) {
      const before = directives.get(runId) ?? initialDirective("", runId);
      const directive = { ...before, generation: before.generation + 1, issuedBy: "user:ana", ...change };
      directives.set(runId, directive);
      server.publish(runId, server.sign(directive));
      return directive;
    },
    publish(runId, envelope) {
      current.set(runId, envelope);
      for (const stream of streams) if (stream.runs.has(runId)) send(stream, envelope);
      for (const wake of pollers) wake();
      pollers.clear();
    },
    eventsOf(name, runId) {
      const found = server.events.filter(
        (event) => event.name === name && (runId === undefined || event.runId === runId),
      );
      return found as never;
    },
    async waitFor(what, holds) {
      const deadline = Date.now() + 8000;
      while (!holds()) {
        if (Date.now() > deadline) throw new Error(`Waited in vain until ${what}.`);
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    },
    cutStreams() {
      for (const { response } of streams) response.destroy();
    },
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };
  return server;
}
