import type { DatabaseSync } from "node:sqlite";
import type { Commit } from "../bus.ts";
import type { GroupCommit, PartitionPlace } from "../local-bus/record-log.ts";
import { numberIn, textIn } from "./rows.ts";
import type { Statements } from "./statements.ts";

const keyOf = (entry: PartitionPlace & { group: string }): string =>
  JSON.stringify([entry.group, entry.topic, entry.partition]);

/** What groups have committed, held in memory beside the file. */
export class CommitTable {
  readonly #database: DatabaseSync;
  readonly #statements: Statements;
  readonly #commits = new Map<string, GroupCommit>();

  constructor(database: DatabaseSync, statements: Statements) {
    this.#database = database;
    this.#statements = statements;
    this.load();
  }

  all(): Iterable<GroupCommit> {
    return this.#commits.values();
  }

  find(place: PartitionPlace & { group: string }): Commit | undefined {
    return this.#commits.get(keyOf(place))?.commit;
  }

  /** To be called inside a transaction. */
  set(entry: GroupCommit): void {
    const { group, topic, partition, commit, atMs } = entry;
    this.#statements.commit.run({
      ":group": group,
      ":topic": topic,
      ":partition": partition,
      ":offset": commit.offset,
      ":metadata": commit.metadata,
      ":atMs": atMs,
    });
    this.#commits.set(keyOf(entry), entry);
  }

  load(): void {
    this.#commits.clear();
    for (const row of this.#database.prepare("SELECT * FROM commits").all()) {
      const entry: GroupCommit = {
        group: textIn(row, "group_name"),
        topic: textIn(row, "topic"),
        partition: numberIn(row, "partition"),
        commit: { offset: numberIn(row, "next_offset"), metadata: textIn(row, "metadata") },
        atMs: numberIn(row, "committed_at_ms"),
      };
      this.#commits.set(keyOf(entry), entry);
    }
  }
}
