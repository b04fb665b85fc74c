import { createHash } from "node:crypto";
import { readFile, readdir } from "node:fs/promises";
import { SetupError, messageOf } from "@plumbline/contracts";

/** One file of SQL that brings the tables from one version to the next. */
export interface Migration {
  version: number;
  name: string;
  /** SHA-256 of the text, hex. */
  checksum: string;
  statements: readonly string[];
}

const directory = new URL("../../sql/", import.meta.url);
const filePattern = /^(\d{4})_[a-z0-9_]+\.sql$/;

/** The statements of a file: each ends with a semicolon at the end of a line. */
function statementsOf(sql: string): string[] {
  return sql
    .split(/;[ \t]*(?:\n|$)/)
    .map((statement) => statement.replaceAll(/^--.*$/gm, "").trim())
    .filter((statement) => statement !== "");
}

async function readMigration(name: string, version: number): Promise<Migration> {
  const sql = (await readFile(new URL(name, directory), "utf8")).replaceAll("\r\n", "\n");
  const checksum = createHash("sha256").update(sql).digest("hex");
  return { version, name, checksum, statements: statementsOf(sql) };
}

/**
 * All migrations that this version knows, oldest first.
 * @throws SetupError when the files of the package are missing
 */
export async function readMigrations(): Promise<Migration[]> {
  try {
    const names = (await readdir(directory)).filter((name) => filePattern.test(name)).sort();
    return await Promise.all(names.map((name) => readMigration(name, Number(name.slice(0, 4)))));
  } catch (cause) {
    throw new SetupError(`The migrations in ${directory.href} could not be read: ${messageOf(cause)}.`, {
      code: "MIGRATIONS_MISSING",
      mend: "Install @plumbline/store again.",
      cause,
    });
  }
}
