import { SetupError } from "@plumbline/contracts";
import { callerErrorOf } from "../engine/caller-error.ts";
import { toDatabaseError } from "../engine/database-error.ts";
import type { Engine } from "../engine/engine.ts";
import { parseRows } from "../engine/parse-rows.ts";
import { databaseName } from "../rows/tables.ts";
import { applyMerging } from "./merging.ts";
import { type Migration, readMigrations } from "./migrations.ts";
import { type RetentionDays, applyRetention } from "./retention.ts";
import { tableEngines } from "./table-engines.ts";

const ledger = "schema_migrations";

interface AppliedMigration {
  Version: number;
  Name: string;
  Checksum: string;
}

async function tableNames(engine: Engine): Promise<Set<string>> {
  const sql = `SELECT name FROM system.tables WHERE database = '${databaseName}'`;
  const rows = parseRows<{ name: string }>(
    await engine.query({ role: "writer", sql, format: "JSONEachRow" }),
  );
  return new Set(rows.map((row) => row.name));
}

/** A database of this name that holds tables but not our ledger belongs to someone else. */
function refuseForeignDatabase(tables: ReadonlySet<string>): void {
  if (tables.size === 0 || tables.has(ledger)) return;
  throw new SetupError(`The database ${databaseName} holds tables that Plumbline did not make.`, {
    code: "FOREIGN_DATABASE",
    mend: `Rename that database, or use another server: Plumbline needs the name ${databaseName} for its own.`,
  });
}

async function appliedMigrations(engine: Engine): Promise<Map<number, AppliedMigration>> {
  const sql = `SELECT Version, Name, Checksum FROM ${databaseName}.${ledger} FINAL`;
  const text = await engine.query({ role: "writer", sql, format: "JSONEachRow" });
  return new Map(parseRows<AppliedMigration>(text).map((row) => [row.Version, row]));
}

function refuseChangedFiles(
  applied: ReadonlyMap<number, AppliedMigration>,
  known: readonly Migration[],
): void {
  for (const { version, name, checksum } of known) {
    const before = applied.get(version);
    if (before === undefined || before.Checksum === checksum) continue;
    throw new SetupError(`Migration ${name} differs from the one that was applied as ${before.Name}.`, {
      code: "MIGRATION_CHANGED",
      mend: "Restore the file as it was released; changes go into a new migration.",
    });
  }
}

function refuseNewerTables(
  applied: ReadonlyMap<number, AppliedMigration>,
  known: readonly Migration[],
): void {
  const newest = known.at(-1)?.version ?? 0;
  const newer = [...applied.values()].find((row) => row.Version > newest);
  if (newer === undefined) return;
  throw new SetupError(`The tables are newer than this version of Plumbline: ${newer.Name} was applied.`, {
    code: "TABLES_NEWER",
    mend: "Use the version of Plumbline that made them, or a newer one.",
  });
}

async function apply(engine: Engine, migration: Migration): Promise<void> {
  for (const statement of migration.statements) await engine.command(statement);
  const { version: Version, name: Name, checksum: Checksum } = migration;
  await engine.insert({
    table: `${databaseName}.${ledger}`,
    columns: ["Version", "Name", "Checksum"],
    lines: `${JSON.stringify({ Version, Name, Checksum })}\n`,
    token: `${Name}:${Checksum}`,
  });
}

async function migrateTo(engine: Engine, known: readonly Migration[]): Promise<void> {
  const tables = await tableNames(engine);
  refuseForeignDatabase(tables);
  const applied = tables.has(ledger) ? await appliedMigrations(engine) : new Map<number, AppliedMigration>();
  refuseChangedFiles(applied, known);
  refuseNewerTables(applied, known);
  for (const migration of known) if (!applied.has(migration.version)) await apply(engine, migration);
}

/**
 * Brings the tables to the newest version, and has the database keep rows for as long as is said. Every statement may run twice, so that an interrupted or concurrent migration
 * does no harm. Only the database `plumbline` is touched, and unqualified names of untrusted statements mean it afterwards.
 * @throws SetupError when the tables are not ours, newer than we are, or made by other files
 */
export async function migrate(engine: Engine, retention: RetentionDays): Promise<void> {
  const known = await readMigrations();
  try {
    await migrateTo(engine, known);
    const tables = await tableEngines(engine);
    await applyRetention(engine, tables, retention);
    await applyMerging(engine, tables);
    await engine.useDatabase(databaseName);
  } catch (thrown) {
    if (thrown instanceof SetupError) throw thrown;
    throw callerErrorOf(toDatabaseError(thrown), "the migration");
  }
}
