import type { Admin, ITopicConfig } from "kafkajs";
import type { Clock, TopicSpec } from "@plumbline/contracts";
import { unknownTopic } from "../bus-errors.ts";
import type { PlacementSpec } from "../publishing/placement.ts";
import { isAlreadyThere, protocolType, requestFailed } from "./kafka-errors.ts";

export interface OffsetRange {
  low: number;
  high: number;
}

const maxMessageBytes = 8 * 1024 * 1024;
const topicResource = 2;
const offsetAttempts = 5;
const offsetPauseMs = 50;

/** Topics of a Kafka cluster: made, found, measured. */
export class KafkaTopics {
  readonly #admin: Admin;
  readonly #clock: Clock;
  readonly #replicationFactor: number | undefined;
  readonly #known = new Map<string, PlacementSpec>();

  constructor(admin: Admin, clock: Clock, replicationFactor: number | undefined) {
    this.#admin = admin;
    this.#clock = clock;
    this.#replicationFactor = replicationFactor;
  }

  async create(specs: readonly TopicSpec[]): Promise<void> {
    try {
      const existing = new Set(await this.#admin.listTopics());
      const missing = specs.filter((spec) => !existing.has(spec.name));
      if (missing.length === 0) return;
      const replicationFactor = this.#replicationFactor ?? Math.min(3, await this.brokerCount());
      const topics = missing.map((spec) => topicConfig(spec, replicationFactor));
      await this.#admin.createTopics({ topics, waitForLeaders: true, timeout: 30_000 });
    } catch (error) {
      if (!isAlreadyThere(error)) throw requestFailed("create the topics", error);
    }
  }

  /** @throws SetupError when there is no such topic */
  async spec(topic: string): Promise<PlacementSpec> {
    const known = this.#known.get(topic);
    if (known !== undefined) return known;
    const spec = await this.#describe(topic);
    this.#known.set(topic, spec);
    return spec;
  }

  /** By partition. kafkajs trips over its own metadata when two of these requests meet, so one failure says nothing. */
  async offsets(topic: string): Promise<ReadonlyMap<number, OffsetRange>> {
    for (let attempt = 1; attempt < offsetAttempts; attempt += 1) {
      try {
        return await this.#fetchOffsets(topic);
      } catch {
        await this.#clock.sleep(offsetPauseMs * attempt);
      }
    }
    return this.#fetchOffsets(topic);
  }

  async #fetchOffsets(topic: string): Promise<ReadonlyMap<number, OffsetRange>> {
    try {
      const offsets = await this.#admin.fetchTopicOffsets(topic);
      return new Map(
        offsets.map(({ partition, low, high }) => [partition, { low: Number(low), high: Number(high) }]),
      );
    } catch (error) {
      throw requestFailed(`tell the offsets of topic ${topic}`, error);
    }
  }

  async brokerCount(): Promise<number> {
    try {
      const { brokers } = await this.#admin.describeCluster();
      return brokers.length;
    } catch (error) {
      throw requestFailed("describe the cluster", error);
    }
  }

  async #describe(topic: string): Promise<PlacementSpec> {
    try {
      if (!(await this.#admin.listTopics()).includes(topic)) throw unknownTopic(topic);
      const { topics } = await this.#admin.fetchTopicMetadata({ topics: [topic] });
      const partitions = topics[0]?.partitions.length ?? 0;
      return { name: topic, partitions, cleanup: await this.#cleanup(topic) };
    } catch (error) {
      if (protocolType(error) === "UNKNOWN_TOPIC_OR_PARTITION") throw unknownTopic(topic);
      if (error instanceof Error && "nextMove" in error) throw error;
      throw requestFailed(`describe topic ${topic}`, error);
    }
  }

  /** Whoever may not read a topic's settings treats it as one that deletes. */
  async #cleanup(name: string): Promise<TopicSpec["cleanup"]> {
    try {
      const { resources } = await this.#admin.describeConfigs({
        includeSynonyms: false,
        resources: [{ type: topicResource, name, configNames: ["cleanup.policy"] }],
      });
      const policy = resources[0]?.configEntries.find((entry) => entry.configName === "cleanup.policy");
      return policy?.configValue.includes("compact") === true ? "compact" : "delete";
    } catch {
      return "delete";
    }
  }
}

function topicConfig(spec: TopicSpec, replicationFactor: number): ITopicConfig {
  const settings: Record<string, string> = {
    "cleanup.policy": spec.cleanup,
    "max.message.bytes": String(maxMessageBytes),
    "retention.ms": String(spec.retentionMs ?? -1),
  };
  if (replicationFactor > 2) settings["min.insync.replicas"] = "2";
  if (spec.cleanup === "compact") {
    settings["min.cleanable.dirty.ratio"] = "0.1";
    settings["segment.ms"] = "3600000";
    settings["delete.retention.ms"] = "86400000";
  }
  const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }));
  return { topic: spec.name, numPartitions: spec.partitions, replicationFactor, configEntries };
}
