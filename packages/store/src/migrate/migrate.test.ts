import { SetupError } from "@plumbline/contracts";
import { expect, test } from "vitest";
import { DatabaseError } from "../engine/database-error.ts";
import type { Engine, EngineInsert } from "../engine/engine.ts";
import { migrate } from "./migrate.ts";
import { readMigrations } from "./migrations.ts";
import { applyRetention, defaultRetentionDays } from "./retention.ts";

interface Database {
  tables: string[];
  ledger: { Version: number; Name: string; Checksum: string }[];
}

/** Answers the two questions that the migration asks, and notes what it does. */
function notingEngine(database: Database): { engine: Engine; commands: string[]; inserts: EngineInsert[] } {
  const commands: string[] = [];
  const inserts: EngineInsert[] = [];
  const asLines = (rows: readonly object[]): string => rows.map((row) => JSON.stringify(row)).join("\n");
  const engine: Engine = {
    command(sql) {
      commands.push(sql);
      return Promise.resolve();
    },
    insert(insert) {
      inserts.push(insert);
      return Promise.resolve();
    },
    query: ({ sql }) =>
      Promise.resolve(
        sql.includes("system.tables")
          ? asLines(database.tables.map((name) => ({ name })))
          : asLines(database.ledger),
      ),
    useDatabase: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
  return { engine, commands, inserts };
}

const ledgerOf = async (): Promise<Database["ledger"]> =>
  (await readMigrations()).map(({ version, name, checksum }) => ({
    Version: version,
    Name: name,
    Checksum: checksum,
  }));

test("an empty server gets every migration, each noted with its checksum", async () => {
  const { engine, commands, inserts } = notingEngine({ tables: [], ledger: [] });
  await migrate(engine, defaultRetentionDays);
  const known = await readMigrations();
  expect(commands).toEqual(known.flatMap((migration) => migration.statements));
  expect(inserts.map((insert) => JSON.parse(insert.lines) as unknown)).toEqual(await ledgerOf());
});

test("only what is missing is applied", async () => {
  const ledger = await ledgerOf();
  const last = (await readMigrations()).at(-1);
  const { engine, commands } = notingEngine({ tables: ["schema_migrations"], ledger: ledger.slice(0, -1) });
  await migrate(engine, defaultRetentionDays);
  expect(commands).toEqual(last?.statements);
});

test("a migration file that was changed after it was applied is refused by name", async () => {
  const [first, ...rest] = await ledgerOf();
  if (first === undefined) throw new Error("no migrations");
  const ledger = [{ ...first, Checksum: "0".repeat(64) }, ...rest];
  const { engine, commands } = notingEngine({ tables: ["schema_migrations"], ledger });
  await expect(migrate(engine, defaultRetentionDays)).rejects.toThrow(first.Name);
  expect(commands).toEqual([]);
});

test("a database of that name with tables of someone else is left alone", async () => {
  const { engine, commands } = notingEngine({ tables: ["orders"], ledger: [] });
  await expect(migrate(engine, defaultRetentionDays)).rejects.toBeInstanceOf(SetupError);
  expect(commands).toEqual([]);
});

test("tables newer than this version are left alone", async () => {
  const ledger = [...(await ledgerOf()), { Version: 9999, Name: "9999_future.sql", Checksum: "" }];
  const { engine, commands } = notingEngine({ tables: ["schema_migrations"], ledger });
  await expect(migrate(engine, defaultRetentionDays)).rejects.toThrow("9999_future.sql");
  expect(commands).toEqual([]);
});

test("a server that does not answer may do so later", async () => {
  const { engine } = notingEngine({ tables: [], ledger: [] });
  const silent: Engine = {
    ...engine,
    query: () => Promise.reject(new DatabaseError("ECONNREFUSED", undefined)),
  };
  await expect(migrate(silent, defaultRetentionDays)).rejects.toMatchObject({ nextMove: "retry" });
});

test("a table that keeps its rows as long as is said is left alone, another one is told", async () => {
  const { engine, commands } = notingEngine({ tables: [], ledger: [] });
  const ttl = (days: number): string =>
    `TTL toDateTime(InsertedAt) + toIntervalDay(${String(days)}) SETTINGS a = 1`;
  const engines: Record<string, string> = {
    steps: `MergeTree ORDER BY RunId ${ttl(90)}`,
    scores: `MergeTree ORDER BY RunId ${ttl(90)}`,
    runs: "MergeTree ORDER BY RunId SETTINGS a = 1",
    audit_log: `MergeTree ORDER BY RunId ${ttl(7)}`,
  };
  await applyRetention(engine, new Map(Object.entries(engines)), { ...defaultRetentionDays, scores: 14 });
  expect(commands).toEqual([
    "ALTER TABLE plumbline.scores MODIFY TTL toDateTime(InsertedAt) + toIntervalDay(14)",
    "ALTER TABLE plumbline.runs MODIFY TTL toDateTime(InsertedAt) + toIntervalDay(400)",
    "ALTER TABLE plumbline.audit_log REMOVE TTL",
  ]);
});
