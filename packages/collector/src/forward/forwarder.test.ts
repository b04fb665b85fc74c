import { type Bus, type BusRecord, createMemoryBus } from "@plumbline/bus";
import { topic, topicSpecs } from "@plumbline/contracts";
import { createManualClock } from "@plumbline/contracts/testing";
import { createNoopMeter } from "@opentelemetry/api";
import { describe, expect, it } from "vitest";
import { createCollectorMetrics } from "../collector-metrics.ts";
import { traces } from "../receive/signal.ts";
import { collectorSettingsSchema } from "../settings.ts";
import { encodeTraces } from "./fixtures/otlp-messages.ts";
import { createForwarder } from "./forwarder.ts";

const { limits } = collectorSettingsSchema.parse({});
const metrics = createCollectorMetrics(createNoopMeter());

function requestOf(traceCount: number): Uint8Array {
  const spans = Array.from({ length: traceCount }, (_, index) => ({
    traceId: Buffer.from((index + 1).toString(16).padStart(32, "0"), "hex"),
    spanId: Buffer.from("00f067aa0ba902b7", "hex"),
  }));
  return encodeTraces({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
}

/** A bus whose publishing a test finishes by hand. */
async function slowBus(): Promise<{ bus: Bus; published: (readonly BusRecord[])[]; finish: () => void }> {
  const memory = createMemoryBus();
  await memory.createTopics(topicSpecs(1));
  const published: (readonly BusRecord[])[] = [];
  const waiting: (() => void)[] = [];
  const bus: Bus = {
    createTopics: (specs) => memory.createTopics(specs),
    publish: (_topic, records) => {
      published.push(records);
      return new Promise((resolve) => waiting.push(() => resolve([])));
    },
    consume: (options) => memory.consume(options),
    tail: (options) => memory.tail(options),
    partitionCount: (name) => memory.partitionCount(name),
    check: () => memory.check(),
    close: () => memory.close(),
  };
  return { bus, published, finish: () => waiting.shift()?.() };
}

/** Time enough for a large request to have had its turn. */
const settle = (): Promise<void> =>
  new Promise((resolve) => setImmediate(() => setImmediate(() => setImmediate(resolve))));

function forward(bus: Bus, body: Uint8Array): { done: () => boolean } {
  const forwarder = createForwarder({ bus, clock: createManualClock(), limits, metrics });
  const sender = { tenantId: "", principal: "local" };
  let done = false;
  void forwarder.forward({ signal: traces, encoding: "protobuf", body, sender }).then(() => (done = true));
  return { done: () => done };
}

describe("the forwarder", () => {
  it("is done only when the bus has everything", async () => {
    const { bus, finish } = await slowBus();
    const forwarding = forward(bus, requestOf(3));
    await settle();
    expect(forwarding.done()).toBe(false);
    finish();
    await settle();
    expect(forwarding.done()).toBe(true);
  });

  it("publishes an ordinary request at once and a huge one in parts", async () => {
    const ordinary = await slowBus();
    forward(ordinary.bus, requestOf(500));
    await settle();
    expect(ordinary.published.map((records) => records.length)).toEqual([500]);
    const huge = await slowBus();
    const forwarding = forward(huge.bus, requestOf(12_000));
    await settle();
    for (let part = 0; part < 3; part += 1) {
      huge.finish();
      await settle();
    }
    expect(huge.published.map((records) => records.length)).toEqual([5000, 5000, 2000]);
    expect(forwarding.done()).toBe(true);
  });

  it("publishes nothing for an empty request", async () => {
    const { bus, published } = await slowBus();
    const forwarding = forward(bus, new Uint8Array());
    await settle();
    expect([forwarding.done(), published, topic.spans]).toEqual([true, [], traces.topic]);
  });
});
