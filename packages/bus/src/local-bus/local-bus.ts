import type { Clock, TopicSpec } from "@plumbline/contracts";
import { busClosed, invalidTopic, notCoPartitioned, unknownTopic } from "../bus-errors.ts";
import type { Bus, BusRecord, ConsumeOptions, Consumption, Position, Tail, TailOptions } from "../bus.ts";
import { type RedeliveryPauses, type ReportFailure, defaultRedelivery } from "../delivery-failure.ts";
import { Placement, recordBytes } from "../publishing/placement.ts";
import { Backlog, type BacklogLimits, type LiveGroup, defaultBacklogLimits } from "./backlog.ts";
import { DeliveryGroup, type LocalContext } from "./delivery-group.ts";
import { LogTail } from "./log-tail.ts";
import type { RecordLog } from "./record-log.ts";
import { Retention, type RetentionLimits, defaultRetentionLimits } from "./retention.ts";
import { WakeUpRegistry } from "./wake-up-registry.ts";

/** What the buses that live in one process have in common. */
export interface LocalBusOptions {
  clock: Clock;
  /** Default: 1 GiB and 5,000,000 records per topic and group, groups forgotten after 7 days. */
  backlog?: Partial<BacklogLimits>;
  /** Default: swept every minute, 4 GiB per topic, removals kept a day. */
  retention?: Partial<RetentionLimits>;
  /** Default: 100 ms, doubled up to 10 s. */
  redelivery?: Partial<RedeliveryPauses>;
  /** Told of every failure that the bus survived. Default: nobody. */
  onFailure?: ReportFailure;
}

/** A bus over a log that this process alone reads and writes. */
export class LocalBus implements Bus {
  readonly #log: RecordLog;
  readonly #context: LocalContext;
  readonly #placement = new Placement();
  readonly #backlog: Backlog;
  readonly #retention: Retention;
  readonly #groups = new Map<string, DeliveryGroup>();
  readonly #tails = new Set<LogTail>();
  #closing: Promise<void> | undefined;
  #closed = false;

  constructor(log: RecordLog, options: LocalBusOptions) {
    const { clock, onFailure: report = () => undefined } = options;
    this.#log = log;
    this.#context = {
      log,
      clock,
      wakeUps: new WakeUpRegistry(),
      redelivery: { ...defaultRedelivery, ...options.redelivery },
      report,
    };
    this.#backlog = new Backlog({
      log,
      clock,
      limits: { ...defaultBacklogLimits, ...options.backlog },
      liveGroups: () => this.#liveGroups(),
    });
    const limits = { ...defaultRetentionLimits, ...options.retention };
    this.#retention = new Retention({ log, backlog: this.#backlog, clock, limits, report });
  }

  async createTopics(specs: readonly TopicSpec[]): Promise<void> {
    this.#checkOpen();
    for (const spec of specs) {
      if (!Number.isInteger(spec.partitions) || spec.partitions < 1) throw invalidTopic(spec);
      if (!this.#log.topics().has(spec.name)) this.#log.addTopic(spec);
    }
    await Promise.resolve();
  }

  async publish(topic: string, records: readonly BusRecord[]): Promise<readonly Position[]> {
    this.#checkOpen();
    const spec = this.#spec(topic);
    const placed = this.#placement.place(spec, records);
    if (placed.length === 0) return [];
    const bytes = placed.reduce((sum, record) => sum + recordBytes(record), 0);
    this.#backlog.admit(spec, { bytes, records: placed.length });
    const touched = new Set(placed.map((record) => record.partition));
    return this.#log.append({
      topic,
      records: placed,
      timestampMs: this.#context.clock.nowMs(),
      onReadable: () => {
        for (const partition of touched) this.#context.wakeUps.raise({ topic, partition });
      },
    });
  }

  async consume(options: ConsumeOptions): Promise<Consumption> {
    this.#checkNotClosing();
    const counts = new Map(options.topics.map((topic) => [topic, this.#spec(topic).partitions]));
    const partitionCount = [...counts.values()][0] ?? 0;
    if ([...counts.values()].some((count) => count !== partitionCount))
      throw notCoPartitioned(options.group, counts);
    const group =
      this.#groups.get(options.group) ?? new DeliveryGroup(this.#context, options.topics, partitionCount);
    const consumption = group.join(options);
    this.#groups.set(options.group, group);
    await Promise.resolve();
    return {
      ...consumption,
      close: async () => {
        await consumption.close();
        if (group.isEmpty && this.#groups.get(options.group) === group) this.#groups.delete(options.group);
      },
    };
  }

  async tail(options: TailOptions): Promise<Tail> {
    this.#checkNotClosing();
    const { partitions: count } = this.#spec(options.topic);
    const partitions = options.partitions ?? Array.from({ length: count }, (_, partition) => partition);
    const tail = new LogTail(this.#context, options, partitions);
    this.#tails.add(tail);
    await Promise.resolve();
    return {
      caughtUp: tail.caughtUp,
      close: async () => {
        this.#tails.delete(tail);
        await tail.close();
      },
    };
  }

  async partitionCount(topic: string): Promise<number> {
    this.#checkOpen();
    return Promise.resolve(this.#spec(topic).partitions);
  }

  async check(): Promise<void> {
    this.#checkOpen();
    await this.#log.check();
  }

  async close(): Promise<void> {
    this.#closing ??= this.#shutDown();
    await this.#closing;
  }

  async #shutDown(): Promise<void> {
    await Promise.all([...this.#groups.values()].map((group) => group.close()));
    await Promise.all([...this.#tails].map((tail) => tail.close()));
    await this.#retention.stop();
    this.#closed = true;
    await this.#log.close();
  }

  *#liveGroups(): Iterable<LiveGroup> {
    for (const [name, group] of this.#groups) {
      yield { name, topics: group.topics, handled: (topic, partition) => group.handled(topic, partition) };
    }
  }

  #checkOpen(): void {
    if (this.#closed) throw busClosed();
  }

  /** Batches in work may still publish while the bus closes, but nobody begins to read. */
  #checkNotClosing(): void {
    if (this.#closing !== undefined) throw busClosed();
  }

  #spec(topic: string): TopicSpec {
    const spec = this.#log.topics().get(topic);
    if (spec === undefined) throw unknownTopic(topic);
    return spec;
  }
}
