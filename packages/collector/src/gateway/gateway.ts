import type { Bus, ReceivedRecord, Tail } from "@plumbline/bus";
import { type Clock, RetryableError, messageOf, topic } from "@plumbline/contracts";
import type { CollectorMetrics } from "../collector-metrics.ts";
import type { Logger } from "../logger.ts";
import type { GatewaySettings } from "../settings.ts";
import { DirectiveHub } from "./directive-hub.ts";
import { DirectiveStream, type EventSink } from "./directive-stream.ts";
import { DirectiveTable } from "./directive-table.ts";
import { pollDirectives } from "./poll.ts";
import { parseCursor } from "./stream-cursor.ts";

export interface GatewayOptions {
  bus: Bus;
  clock: Clock;
  logger: Logger;
  metrics: CollectorMetrics;
  settings: GatewaySettings;
}

/** Carries directives from the control state to the agents. */
export interface Gateway {
  /** Begins to read the control state. */
  start(): Promise<void>;
  /** @throws RetryableError until the control state has been read to the end that it had at the start */
  checkReady(): void;
  /** @returns the stream, or undefined when there are as many as may be */
  openStream(request: {
    runs: ReadonlyMap<string, string>;
    lastEventId: string | undefined;
    sink: EventSink;
  }): { drained(): void; closed(): void } | undefined;
  poll(request: {
    known: ReadonlyMap<string, number>;
    waitMs: number;
    signal: AbortSignal;
  }): Promise<string[]>;
  /** Ends all streams and polls. */
  close(): Promise<void>;
}

class BusGateway implements Gateway {
  readonly #options: GatewayOptions;
  readonly #table = new DirectiveTable();
  readonly #hub = new DirectiveHub();
  readonly #closing = new AbortController();
  #tail: Tail | undefined;
  #caughtUp = false;

  constructor(options: GatewayOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { bus, logger } = this.#options;
    this.#tail = await bus.tail({
      topic: topic.controlState,
      from: "beginning",
      onRecord: (record) => this.#take(record),
    });
    this.#tail.caughtUp.then(
      () => {
        this.#caughtUp = true;
        logger.info({ runs: this.#table.size }, "control state read");
      },
      (error: unknown) => logger.error({ error }, "control state can't be read"),
    );
    void this.#keepAlive();
  }

  checkReady(): void {
    if (this.#caughtUp && !this.#closing.signal.aborted) return;
    throw new RetryableError("The control state is not read yet.", {
      code: "NOT_CAUGHT_UP",
      mend: "Connect again in a second.",
      retryAfterMs: 1000,
    });
  }

  openStream(request: {
    runs: ReadonlyMap<string, string>;
    lastEventId: string | undefined;
    sink: EventSink;
  }): { drained(): void; closed(): void } | undefined {
    const { settings, metrics } = this.#options;
    if (this.#hub.size >= settings.maxStreams) return undefined;
    const stream = new DirectiveStream({
      table: this.#table,
      sink: request.sink,
      runs: request.runs,
      after: parseCursor(request.lastEventId),
      patienceTicks: Math.max(1, Math.ceil(settings.slowClientMs / settings.keepAliveMs)),
      onSlow: () => metrics.slowClientClosed(),
    });
    this.#hub.add(stream);
    metrics.streamsOpen(1);
    stream.start();
    return {
      drained: () => stream.drained(),
      closed: () => {
        this.#hub.remove(stream);
        metrics.streamsOpen(-1);
      },
    };
  }

  poll(request: {
    known: ReadonlyMap<string, number>;
    waitMs: number;
    signal: AbortSignal;
  }): Promise<string[]> {
    return pollDirectives({ table: this.#table, hub: this.#hub, clock: this.#options.clock, ...request });
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error("The gateway closes."));
    this.#hub.end();
    await this.#tail?.close();
  }

  #take(record: ReceivedRecord): void {
    try {
      const key = this.#table.apply(record);
      if (key !== undefined) this.#hub.changed(key);
    } catch (error) {
      this.#options.metrics.directiveUnreadable();
      this.#options.logger.warn({ reason: messageOf(error) }, "control state record skipped");
    }
  }

  async #keepAlive(): Promise<void> {
    const { clock, settings } = this.#options;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await clock.sleep(settings.keepAliveMs, signal).catch(() => undefined);
      if (!signal.aborted) this.#hub.tick();
    }
  }
}

export function createGateway(options: GatewayOptions): Gateway {
  return new BusGateway(options);
}
