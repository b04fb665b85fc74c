import type { DatabaseSync } from "node:sqlite";
import type { TopicSpec } from "@plumbline/contracts";
import type { PartitionPlace } from "../local-bus/record-log.ts";
import { type PartitionState, type TopicState, offsetOf, recordIdOf } from "./partition-state.ts";
import { numberIn, textIn } from "./rows.ts";
import type { Statements } from "./statements.ts";

/** Topics and their partitions, held in memory beside the file. */
export class TopicTable {
  readonly #database: DatabaseSync;
  readonly #statements: Statements;
  readonly #topics = new Map<string, TopicState>();
  readonly #specs = new Map<string, TopicSpec>();

  constructor(database: DatabaseSync, statements: Statements) {
    this.#database = database;
    this.#statements = statements;
    this.load();
  }

  get specs(): ReadonlyMap<string, TopicSpec> {
    return this.#specs;
  }

  topic(name: string): TopicState {
    const found = this.#topics.get(name);
    if (found === undefined) throw new RangeError(`No topic ${name}.`);
    return found;
  }

  stateOf(topic: TopicState, partition: number): PartitionState {
    const found = topic.partitions[partition];
    if (found === undefined)
      throw new RangeError(`No partition ${String(partition)} of topic ${topic.spec.name}.`);
    return found;
  }

  partition({ topic, partition }: PartitionPlace): PartitionState {
    return this.stateOf(this.topic(topic), partition);
  }

  /** To be called inside a transaction. */
  add(spec: TopicSpec): void {
    const insertTopic = this.#database.prepare(
      "INSERT INTO topics (name, partitions, cleanup, retention_ms) VALUES (?, ?, ?, ?)",
    );
    const { lastInsertRowid: topicId } = insertTopic.run(
      spec.name,
      spec.partitions,
      spec.cleanup,
      spec.retentionMs,
    );
    const insertPartition = this.#database.prepare(
      "INSERT INTO partitions (topic_id, number, next_offset, appended_bytes) VALUES (?, ?, 0, 0)",
    );
    for (let number = 0; number < spec.partitions; number += 1) insertPartition.run(topicId, number);
    this.#loadTopic(spec, Number(topicId));
  }

  load(): void {
    this.#topics.clear();
    this.#specs.clear();
    for (const row of this.#database.prepare("SELECT * FROM topics").all()) {
      const { retention_ms: retentionMs } = row;
      const spec: TopicSpec = {
        name: textIn(row, "name"),
        partitions: numberIn(row, "partitions"),
        cleanup: row["cleanup"] === "compact" ? "compact" : "delete",
        retentionMs: typeof retentionMs === "number" ? retentionMs : null,
      };
      this.#loadTopic(spec, numberIn(row, "topic_id"));
    }
  }

  #loadTopic(spec: TopicSpec, topicId: number): void {
    const rows = this.#database
      .prepare("SELECT * FROM partitions WHERE topic_id = ? ORDER BY number")
      .all(topicId);
    const partitions = rows.map((row) =>
      this.#withBeginning({
        topic: spec.name,
        number: numberIn(row, "number"),
        partitionId: numberIn(row, "partition_id"),
        compacted: spec.cleanup === "compact",
        beginOffset: 0,
        nextOffset: numberIn(row, "next_offset"),
        appendedBytes: numberIn(row, "appended_bytes"),
        droppedBytes: 0,
      }),
    );
    this.#topics.set(spec.name, { spec, partitions });
    this.#specs.set(spec.name, spec);
  }

  #withBeginning(state: PartitionState): PartitionState {
    const range = { ":from": recordIdOf(state, 0), ":end": recordIdOf(state, state.nextOffset) };
    const first = this.#statements.firstFrom.get(range);
    if (first === undefined)
      return { ...state, beginOffset: state.nextOffset, droppedBytes: state.appendedBytes };
    const beginOffset = offsetOf(state, numberIn(first, "record_id"));
    return { ...state, beginOffset, droppedBytes: numberIn(first, "bytes_before") };
  }
}
