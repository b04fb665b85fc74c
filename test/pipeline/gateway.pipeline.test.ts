import { type Bus, type BusRecord, createMemoryBus } from "@plumbline/bus";
import {
  type Directive,
  controlPath,
  initialDirective,
  runKey,
  signedDirectiveSchema,
  topic,
  topicSpecs,
} from "@plumbline/contracts";
import { describe, expect, it, onTestFinished } from "vitest";
import { startCollector } from "./collector/start-collector.ts";

const encoder = new TextEncoder();

function signedOf(directive: Directive): Uint8Array {
  const payload = JSON.stringify(directive);
  return encoder.encode(JSON.stringify({ payload, keyId: "k", algorithm: "Ed25519", signature: "s" }));
}

function stateOf(runId: string, change: Partial<Directive>): BusRecord {
  const directive: Directive = { ...initialDirective("", runId), ...change };
  return { key: runKey(directive.tenantId, runId), value: signedOf(directive) };
}

async function command(bus: Bus, runId: string, change: Partial<Directive>): Promise<void> {
  await bus.publish(topic.controlState, [stateOf(runId, change)]);
}

/** A collector that found these records in the control state when it began. */
async function startWith(records: BusRecord[], settings: Parameters<typeof startCollector>[0] = {}) {
  const bus = createMemoryBus();
  await bus.createTopics(topicSpecs(4));
  await bus.publish(topic.controlState, records);
  const collector = await startCollector(settings, bus);
  await expect.poll(async () => (await fetch(`${collector.url}/readyz`)).status).toBe(200);
  onTestFinished(() => bus.close());
  return collector;
}

interface Event {
  event: string;
  id: string | undefined;
  runId: string;
  generation: number;
}

function eventOf(block: string): Event | undefined {
  const fields = new Map(
    block.split("\n").map((line) => [line.split(": ", 1)[0], line.slice(line.indexOf(": ") + 2)]),
  );
  const data = fields.get("data");
  if (data === undefined) return undefined;
  const parsed: unknown = JSON.parse(data);
  const signed = signedDirectiveSchema.safeParse(parsed);
  const { runId, generation = 0 } = (signed.success ? JSON.parse(signed.data.payload) : parsed) as {
    runId: string;
    generation?: number;
  };
  return { event: fields.get("event") ?? "", id: fields.get("id"), runId, generation };
}

/** An open control stream; `take` waits for so many events. */
async function openStream(url: string, runs: string[], headers: Record<string, string> = {}) {
  const abort = new AbortController();
  const response = await fetch(`${url}${controlPath.stream}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ runs }),
    signal: abort.signal,
  });
  onTestFinished(() => abort.abort());
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  const events: Event[] = [];
  let text = "";
  let ended = false;
  async function read(): Promise<void> {
    const part = await reader?.read().catch(() => undefined);
    ended = part === undefined || part.done;
    const blocks = (text + (part?.value ?? "")).split("\n\n");
    text = blocks.pop() ?? "";
    events.push(...blocks.map((block) => eventOf(block)).filter((event) => event !== undefined));
  }
  return {
    status: response.status,
    headers: response.headers,
    abort: () => abort.abort(),
    async take(count: number): Promise<Event[]> {
      while (events.length < count && !ended) await read();
      return events.splice(0, count);
    },
    async untilEnd(): Promise<void> {
      while (!ended) await read();
    },
  };
}

async function poll(
  url: string,
  runs: Record<string, number>,
  waitMs: number,
): Promise<{ directives: { payload: string }[] }> {
  const response = await fetch(`${url}${controlPath.poll}`, {
    method: "POST",
    body: JSON.stringify({ runs, waitMs }),
  });
  return (await response.json()) as { directives: { payload: string }[] };
}

describe("the control stream", () => {
  it("tells the current directive of every run first, then each change", async () => {
    const { bus, url } = await startWith([stateOf("known", { generation: 3, desired: "paused" })]);
    const stream = await openStream(url, ["known", "nobody"]);
    const first = await stream.take(2);
    expect(first.map(({ event, runId, generation }) => [event, runId, generation])).toEqual([
      ["directive", "known", 3],
      ["unknown", "nobody", 0],
    ]);
    await command(bus, "other", { generation: 1 });
    await command(bus, "nobody", { generation: 4, desired: "killed" });
    expect(await stream.take(1)).toMatchObject([{ event: "directive", runId: "nobody", generation: 4 }]);
  });

  it("goes on after Last-Event-ID for the same runs and starts over for other ones", async () => {
    const { bus, url } = await startWith([stateOf("a", { generation: 1 })]);
    const first = await openStream(url, ["a", "b"]);
    const lastId = (await first.take(2)).at(-1)?.id ?? "";
    expect(lastId).not.toBe("");
    first.abort();
    await command(bus, "b", { generation: 2 });
    const again = await openStream(url, ["b", "a"], { "last-event-id": lastId });
    expect(await again.take(1)).toMatchObject([{ runId: "b", generation: 2 }]);
    const others = await openStream(url, ["a"], { "last-event-id": lastId });
    expect(await others.take(1)).toMatchObject([{ runId: "a", generation: 1 }]);
  });

  it("skips and counts a record that can't be read", async () => {
    const { url } = await startWith([{ key: runKey("", "a"), value: encoder.encode("not json") }]);
    const stream = await openStream(url, ["a"]);
    expect(await stream.take(1)).toMatchObject([{ event: "unknown", runId: "a" }]);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toContain("plumbline_gateway_directives_unreadable_total 1");
  });

  it("shows a token only the runs of its tenant", async () => {
    const tokens = [
      { name: "agents", token: "agents-secret-12345", tenantId: "shop", roles: ["agent" as const] },
    ];
    const state = [
      stateOf("a", { tenantId: "other", generation: 7 }),
      stateOf("a", { tenantId: "shop", generation: 2 }),
    ];
    const { url } = await startWith(state, { tokens });
    expect((await openStream(url, ["a"])).status).toBe(401);
    const stream = await openStream(url, ["a"], { authorization: "Bearer agents-secret-12345" });
    expect(await stream.take(1)).toMatchObject([{ runId: "a", generation: 2 }]);
  });

  it("tells ten thousand runs and keeps quiet streams alive", async () => {
    const runs = Array.from({ length: 10_000 }, (_, index) => `run-${String(index)}`);
    const records = runs.map((runId) => stateOf(runId, { generation: 1 }));
    const { url } = await startWith(records, { gateway: { keepAliveMs: 20 } });
    const stream = await openStream(url, runs);
    const told = await stream.take(10_000);
    expect(new Set(told.map(({ runId }) => runId)).size).toBe(10_000);
    expect(told.slice(0, -1).every(({ id }) => id === undefined)).toBe(true);
    expect(told.at(-1)?.id).toBeDefined();
  });

  it("closes a stream whose client takes nothing", async () => {
    const runs = Array.from({ length: 5000 }, (_, index) => `run-${String(index)}`);
    const records = runs.map((runId) => stateOf(runId, { generation: 1, message: "x".repeat(4000) }));
    const { url } = await startWith(records, { gateway: { keepAliveMs: 20, slowClientMs: 40 } });
    await openStream(url, runs);
    await expect
      .poll(async () => (await fetch(`${url}/metrics`)).text(), { timeout: 5000 })
      .toContain("plumbline_gateway_slow_clients_closed_total 1");
  });

  it("answers 429 when there are as many streams as may be", async () => {
    const { url } = await startCollector({ gateway: { maxStreams: 1 } });
    const first = await openStream(url, ["a"]);
    expect((await openStream(url, ["a"])).status).toBe(429);
    first.abort();
    await expect.poll(async () => (await openStream(url, ["a"])).status).toBe(200);
  });

  it("ends when the collector closes", async () => {
    const { url, close } = await startCollector();
    const stream = await openStream(url, ["a"]);
    await stream.take(1);
    await expect(Promise.all([stream.untilEnd(), close()])).resolves.toBeDefined();
  });

  it.each([
    ["no JSON", "{"],
    ["runs that are no list", '{"runs":"a"}'],
    ["a run id with white space", '{"runs":["a b"]}'],
    [
      "too many runs",
      JSON.stringify({ runs: Array.from({ length: 10_001 }, (_, index) => `r${String(index)}`) }),
    ],
  ])("answers 400 to %s", async (_, body) => {
    const { url } = await startCollector();
    expect((await fetch(`${url}${controlPath.stream}`, { method: "POST", body })).status).toBe(400);
  });

  it("serves the same by GET", async () => {
    const { url } = await startWith([stateOf("a", { generation: 1 })]);
    const response = await fetch(`${url}${controlPath.stream}?run=a&run=b`);
    const reader = response.body?.getReader();
    let text = "";
    while (!text.includes("unknown")) text += new TextDecoder().decode((await reader?.read())?.value);
    await reader?.cancel();
    expect(text).toContain("event: directive");
  });
});

describe("the poll", () => {
  it("answers at once when a directive is newer, and with each change while it waits", async () => {
    const { bus, url } = await startWith([stateOf("a", { generation: 2 })]);
    expect((await poll(url, { a: 1, b: 0 }, 10_000)).directives).toHaveLength(1);
    const waiting = poll(url, { a: 2, b: 0 }, 20_000);
    await command(bus, "b", { generation: 5 });
    const { directives } = await waiting;
    expect(directives.map(({ payload }) => (JSON.parse(payload) as Directive).runId)).toEqual(["b"]);
  });

  it("answers empty when the time is over", async () => {
    const { url } = await startCollector();
    expect(await poll(url, { a: 0 }, 10)).toEqual({ directives: [] });
  });

  it("refuses a negative generation", async () => {
    const { url } = await startCollector();
    const body = JSON.stringify({ runs: { a: -1 } });
    expect((await fetch(`${url}${controlPath.poll}`, { method: "POST", body })).status).toBe(400);
  });
});

describe("before the control state is read", () => {
  it("answers 503 with Retry-After, on both ways and in readyz", async () => {
    const bus = createMemoryBus();
    await bus.createTopics(topicSpecs(1));
    const never: Bus = {
      createTopics: (specs) => bus.createTopics(specs),
      publish: (name, records) => bus.publish(name, records),
      consume: (options) => bus.consume(options),
      tail: async (options) => ({ ...(await bus.tail(options)), caughtUp: new Promise(() => undefined) }),
      partitionCount: (name) => bus.partitionCount(name),
      check: () => bus.check(),
      close: () => bus.close(),
    };
    const { url } = await startCollector({}, never);
    const stream = await openStream(url, ["a"]);
    expect([stream.status, stream.headers.get("retry-after")]).toEqual([503, "1"]);
    const response = await fetch(`${url}${controlPath.poll}`, { method: "POST", body: '{"runs":{}}' });
    expect(response.status).toBe(503);
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
  });
});
