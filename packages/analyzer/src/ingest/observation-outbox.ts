import { Buffer } from "node:buffer";
import type { Bus, BusRecord } from "@plumbline/bus";
import {
  type Clock,
  type Observation,
  header,
  isAliasAffinityKey,
  runKey,
  topic,
  traceAffinityKey,
} from "@plumbline/contracts";
import { type ReceivedAudit, auditBusRecord } from "../audit/audit-log.ts";
import { patiently } from "../patiently.ts";
import type { RunsBacklog } from "../runs-backlog.ts";
import { decisionRecords } from "./affinity-log.ts";
import type { AffinityDecision, AffinityResult } from "./affinity/affinity.ts";

/*
 * Owns: that what was made of records comes to stand on the bus, and what of it does not stand there yet.
 * Does not own: reading records (ingest-worker), whose observations are (affinity).
 *
 * I1  A choice of affinity is durable before an observation that rests on it is published; others don't wait for it.
 * I2  An observation says below which offset everything of its source was published before it.
 */

/** What one batch of records, or the end of a wait, lets go. */
export interface Outgoing extends AffinityResult {
  audits: readonly ReceivedAudit[];
  /** Where the batch begins, if it is one. */
  from?: { topic: string; offset: number };
}

export interface ObservationOutboxOptions {
  bus: Bus;
  clock: Clock;
  backlog: RunsBacklog;
  partition: number;
  /** Of the partition: when it aborts, whoever owns it now does all of it again. */
  signal: AbortSignal;
  /** Told of a publication that will be tried again. */
  onError: (error: unknown) => void;
  /** By topic, the offset below which everything has been taken and nothing waits for its run. */
  takenBelow: () => Map<string, number>;
}

type Floors = Map<string, number>;

function lower(floors: Floors, name: string, offset: number): void {
  floors.set(name, Math.min(floors.get(name) ?? offset, offset));
}

export class ObservationOutbox {
  readonly #options: ObservationOutboxOptions;
  readonly #closing = new AbortController();
  readonly #givingUp: AbortSignal;
  /** Of each publication under way, or given up, the lowest offset by topic. */
  readonly #underWay = new Set<Floors>();
  /** Choices that are not durable yet, by key; each resolves when the observations it came with are on their way. */
  readonly #deciding = new Map<string, Promise<boolean>>();

  constructor(options: ObservationOutboxOptions) {
    this.#options = options;
    this.#givingUp = AbortSignal.any([options.signal, this.#closing.signal]);
  }

  /** By topic, the offset below which everything is published. */
  publishedBelow(): Floors {
    const floors = this.#options.takenBelow();
    for (const lowest of this.#underWay) for (const [name, offset] of lowest) lower(floors, name, offset);
    return floors;
  }

  /** Resolves with whether all of it is durable; it is tried again until the partition leaves. */
  async publish(outgoing: Outgoing): Promise<boolean> {
    const lowest: Floors = new Map();
    if (outgoing.from !== undefined) lower(lowest, outgoing.from.topic, outgoing.from.offset);
    for (const { source } of outgoing.ready) lower(lowest, source.topic, source.offset);
    this.#underWay.add(lowest);
    const published = await this.#publishAll(outgoing);
    if (published) this.#underWay.delete(lowest);
    return published;
  }

  /** What fails from now on is left to the successor. */
  close(): void {
    this.#closing.abort();
  }

  async #publishAll({ audits, decisions, ready }: Outgoing): Promise<boolean> {
    const auditing = this.#publishAudits(audits);
    const before = [...this.#restsOf(ready), this.#decide(decisions)];
    const deciding = Promise.withResolvers<boolean>();
    for (const { key } of decisions) this.#deciding.set(key, deciding.promise);
    const isDecided = !(await Promise.all(before)).includes(false);
    const publishing = isDecided && ready.length > 0 ? this.#publishReady(ready) : Promise.resolve(isDecided);
    deciding.resolve(isDecided);
    for (const { key } of decisions)
      if (isDecided && this.#deciding.get(key) === deciding.promise) this.#deciding.delete(key);
    return !(await Promise.all([publishing, auditing])).includes(false);
  }

  /** Choices under way that these observations rest on: of their traces, and of names that stand for any run. */
  #restsOf(ready: readonly Observation[]): Promise<boolean>[] {
    if (this.#deciding.size === 0) return [];
    const keys = new Set(ready.map(({ tenantId, traceId }) => traceAffinityKey(tenantId, traceId)));
    return [...this.#deciding]
      .filter(([key]) => keys.has(key) || isAliasAffinityKey(key))
      .map(([, decided]) => decided);
  }

  async #decide(decisions: readonly AffinityDecision[]): Promise<boolean> {
    if (decisions.length === 0) return true;
    return this.#publishPatiently(topic.traceAffinity, decisionRecords(decisions, this.#options.partition));
  }

  /** Audit records wait for no run: each names its own. Published twice, they count once. */
  async #publishAudits(audits: readonly ReceivedAudit[]): Promise<boolean> {
    return audits.length === 0 || (await this.#publishPatiently(topic.audit, audits.map(auditBusRecord)));
  }

  #publishReady(ready: readonly Observation[]): Promise<boolean> {
    const floors = this.publishedBelow();
    const records = ready.map((observation): BusRecord => {
      const { tenantId, affinity, source } = observation;
      return {
        key: runKey(tenantId, affinity),
        value: Buffer.from(JSON.stringify(observation)),
        headers: { [header.completeBelow]: String(floors.get(source.topic) ?? 0) },
      };
    });
    return this.#publishPatiently(topic.observations, records);
  }

  #publishPatiently(topicName: string, records: readonly BusRecord[]): Promise<boolean> {
    const { bus, clock, backlog, signal, onError } = this.#options;
    if (signal.aborted) return Promise.resolve(false);
    return patiently({ clock, signal: this.#givingUp, onError }, async () => {
      const positions = await bus.publish(topicName, records);
      if (topicName === topic.observations) backlog.published(positions, clock.nowMs());
    });
  }
}
