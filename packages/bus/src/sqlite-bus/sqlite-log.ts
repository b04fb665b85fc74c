import type { DatabaseSync } from "node:sqlite";
import type { TopicSpec } from "@plumbline/contracts";
import type { Commit, Position, ReceivedRecord } from "../bus.ts";
import type {
  AppendRequest,
  DropRequest,
  Extent,
  GroupCommit,
  PartitionPlace,
  ReadRequest,
  RecordLog,
} from "../local-bus/record-log.ts";
import { type PlacedRecord, recordBytes } from "../publishing/placement.ts";
import { CommitTable } from "./commit-table.ts";
import { Journal } from "./journal.ts";
import type { OpenDatabase } from "./open-database.ts";
import { type PartitionState, type TopicState, offsetOf, recordIdOf } from "./partition-state.ts";
import { headersText, numberIn, recordOf, textIn } from "./rows.ts";
import { type Statements, prepareStatements } from "./statements.ts";
import { TopicTable } from "./topic-table.ts";
import { Transaction } from "./transaction.ts";
import { type Durability, WriteQueue } from "./write-queue.ts";

/** Rows looked at in one call of `drop`: a few milliseconds at most. */
const dropChunk = 1000;

/** Records and commits in one SQLite file. */
export class SqliteLog implements RecordLog {
  readonly #opened: OpenDatabase;
  readonly #database: DatabaseSync;
  readonly #statements: Statements;
  readonly #topics: TopicTable;
  readonly #commits: CommitTable;
  readonly #transaction: Transaction;
  readonly #journal: Journal;
  readonly #writes: WriteQueue;
  readonly #derivedTopics: ReadonlySet<string>;

  /** @param derivedTopics written without waiting for the disk */
  constructor(opened: OpenDatabase, derivedTopics: readonly string[]) {
    const { database, path } = opened;
    this.#opened = opened;
    this.#database = database;
    this.#derivedTopics = new Set(derivedTopics);
    this.#statements = prepareStatements(database);
    this.#topics = new TopicTable(database, this.#statements);
    this.#commits = new CommitTable(database, this.#statements);
    const onRollback = (): void => {
      this.#topics.load();
      this.#commits.load();
    };
    this.#journal = new Journal(path);
    this.#transaction = new Transaction({ database, path, onRollback });
    this.#writes = new WriteQueue({ transaction: this.#transaction, journal: this.#journal });
  }

  topics(): ReadonlyMap<string, TopicSpec> {
    return this.#topics.specs;
  }

  addTopic(spec: TopicSpec): void {
    this.#transaction.run(() => {
      this.#topics.add(spec);
    });
  }

  async append({ topic, records, timestampMs, onReadable }: AppendRequest): Promise<readonly Position[]> {
    const bytes = records.reduce((sum, record) => sum + recordBytes(record), 0);
    const durability = this.#derivedTopics.has(topic) ? "written" : "flushed";
    return this.#writes.submit({ bytes, durability, onReadable }, () =>
      this.#insert(this.#topics.topic(topic), records, timestampMs),
    );
  }

  read({ fromOffset, maxRecords, maxBytes, ...place }: ReadRequest): ReceivedRecord[] {
    const state = this.#topics.partition(place);
    const records: ReceivedRecord[] = [];
    if (fromOffset >= state.nextOffset) return records;
    const range = {
      ":from": recordIdOf(state, Math.max(fromOffset, state.beginOffset)),
      ":end": recordIdOf(state, state.nextOffset),
    };
    let bytes = 0;
    for (const row of this.#statements.readRecords.iterate({ ...range, ":count": maxRecords })) {
      bytes += numberIn(row, "bytes");
      if (records.length > 0 && bytes > maxBytes) break;
      records.push(recordOf(state, row));
    }
    return records;
  }

  extent(place: PartitionPlace): Extent {
    const { beginOffset, nextOffset, appendedBytes, droppedBytes } = this.#topics.partition(place);
    return { beginOffset, endOffset: nextOffset, bytes: appendedBytes - droppedBytes };
  }

  bytesFrom(place: PartitionPlace, offset: number): number {
    const state = this.#topics.partition(place);
    const range = { ":from": recordIdOf(state, offset), ":end": recordIdOf(state, state.nextOffset) };
    const row = this.#statements.firstFrom.get(range);
    return row === undefined ? 0 : state.appendedBytes - numberIn(row, "bytes_before");
  }

  commits(): Iterable<GroupCommit> {
    return this.#commits.all();
  }

  commitOf(place: PartitionPlace & { group: string }): Commit | undefined {
    return this.#commits.find(place);
  }

  /**
   * A note says what is done elsewhere next: what it rests on has to be on disk before. Without one, what was done since the
   * commit before is done again after a power failure.
   */
  async commit(entry: GroupCommit): Promise<void> {
    const { length: bytes } = entry.commit.metadata;
    const durability: Durability = bytes > 0 ? "flushed" : "written";
    await this.#writes.submit({ bytes, durability }, () => {
      this.#commits.set(entry);
    });
  }

  drop({ beforeOffset, beforeTimestampMs, maxBytes, ...place }: DropRequest): number {
    const state = this.#topics.partition(place);
    const range = {
      ":from": recordIdOf(state, state.beginOffset),
      ":end": recordIdOf(state, Math.min(beforeOffset, state.nextOffset)),
    };
    let count = 0;
    let bytes = 0;
    let lastId = -1;
    for (const row of this.#statements.oldest.all({ ...range, ":count": dropChunk })) {
      if (numberIn(row, "timestamp_ms") >= beforeTimestampMs || bytes >= maxBytes) break;
      bytes += numberIn(row, "bytes");
      lastId = numberIn(row, "record_id");
      count += 1;
    }
    if (count === 0) return 0;
    this.#transaction.run(() => this.#statements.deleteRange.run({ ...range, ":end": lastId + 1 }));
    state.beginOffset = offsetOf(state, lastId) + 1;
    state.droppedBytes += bytes;
    this.#returnFreePages();
    return count;
  }

  dropRemovals(place: PartitionPlace, beforeTimestampMs: number): number {
    const state = this.#topics.partition(place);
    const range = { ":from": recordIdOf(state, 0), ":end": recordIdOf(state, state.nextOffset) };
    const rows = this.#statements.oldRemovals.all({
      ...range,
      ":before": beforeTimestampMs,
      ":count": dropChunk,
    });
    if (rows.length === 0) return 0;
    this.#transaction.run(() => {
      for (const row of rows) {
        this.#statements.deleteRecord.run(numberIn(row, "record_id"));
        this.#statements.deleteLastOfKey.run(state.partitionId, textIn(row, "record_key"));
      }
    });
    return rows.length;
  }

  async check(): Promise<void> {
    await this.#writes.submit({ bytes: 0, durability: "flushed" }, () => this.#statements.probe.run());
  }

  async close(): Promise<void> {
    await this.#writes.close();
    await this.#journal.close();
    this.#opened.close();
  }

  #insert(topic: TopicState, records: readonly PlacedRecord[], timestampMs: number): Position[] {
    const touched = new Set<PartitionState>();
    const positions = records.map((record) => {
      const state = this.#topics.stateOf(topic, record.partition);
      touched.add(state);
      return {
        topic: state.topic,
        partition: state.number,
        offset: this.#insertOne(state, record, timestampMs),
      };
    });
    for (const state of touched) {
      this.#statements.updatePartition.run(state.nextOffset, state.appendedBytes, state.partitionId);
    }
    return positions;
  }

  #insertOne(state: PartitionState, record: PlacedRecord, timestampMs: number): number {
    const offset = state.nextOffset;
    const id = recordIdOf(state, offset);
    const bytes = recordBytes(record);
    const { key, value } = record;
    const isRemoval = state.compacted && value.byteLength === 0 ? 1 : 0;
    const before = state.appendedBytes;
    this.#statements.insertRecord.run(
      id,
      timestampMs,
      bytes,
      before,
      isRemoval,
      key,
      headersText(record),
      value,
    );
    if (state.compacted && key !== null) this.#replace(state, key, id);
    state.nextOffset += 1;
    state.appendedBytes += bytes;
    return offset;
  }

  #replace(state: PartitionState, key: string, id: number): void {
    const { findLastOfKey, deleteRecord, setLastOfKey } = this.#statements;
    const replaced = findLastOfKey.get(state.partitionId, key);
    if (replaced !== undefined) deleteRecord.run(numberIn(replaced, "record_id"));
    setLastOfKey.run(state.partitionId, key, id);
  }

  /** Gives space back to the file system, a little at a time, once more than a quarter of the file is unused. */
  #returnFreePages(): void {
    const free = numberIn(this.#database.prepare("PRAGMA freelist_count").get() ?? {}, "freelist_count");
    const all = numberIn(this.#database.prepare("PRAGMA page_count").get() ?? {}, "page_count");
    if (free * 4 > all) this.#database.exec("PRAGMA incremental_vacuum(1000)");
  }
}
