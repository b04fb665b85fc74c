import { RejectedError, type SqlResult } from "@plumbline/contracts";
import { callerErrorOf } from "../engine/caller-error.ts";
import { type DatabaseError, toDatabaseError } from "../engine/database-error.ts";
import type { Engine } from "../engine/engine.ts";
import { parseRows } from "../engine/parse-rows.ts";
import type { UntrustedLimits } from "../engine/role-settings.ts";
import { databaseName } from "../rows/tables.ts";
import { type NameRules, checkTree } from "./check-tree.ts";
import { readScope } from "./readable-tables.ts";
import { readStatement } from "./statement-text.ts";
import { type SyntaxNode, readSyntaxTree } from "./syntax-tree.ts";

/** Refused because of who we are, not because of what was asked. */
const accessCodes: ReadonlySet<number> = new Set([192, 193, 194, 195, 497, 516]);
const outOfTime: ReadonlySet<number> = new Set([159, 160]);
const outOfMemory = 241;

function refusalOf(error: DatabaseError, limits: UntrustedLimits): Error {
  if (error.code === undefined || accessCodes.has(error.code)) return callerErrorOf(error, "a query");
  const details = { code: "SQL_FAILED", cause: error };
  if (outOfTime.has(error.code)) {
    return new RejectedError(`The query took longer than ${String(limits.maxSeconds)} s.`, {
      ...details,
      mend: "Narrow it down, by run or by time.",
    });
  }
  if (error.code === outOfMemory) {
    return new RejectedError(`The query needs more than ${String(limits.maxMemoryBytes)} bytes of memory.`, {
      ...details,
      mend: "Read fewer columns or rows.",
    });
  }
  return new RejectedError(`The database refused the query: ${error.message}.`, details);
}

async function namesIn(engine: Engine, source: string): Promise<Set<string>> {
  const sql = `SELECT name FROM system.${source}`;
  const text = await engine.query({ role: "reader", sql, format: "JSONEachRow" });
  return new Set(parseRows<{ name: string }>(text).map((row) => row.name));
}

const lowerCase = (names: ReadonlySet<string>): Set<string> =>
  new Set([...names].map((name) => name.toLowerCase()));

/** What there is to be named on this server. */
async function nameRules(
  engine: Engine,
  readable: ReadonlySet<string>,
  commonTableNames: ReadonlySet<string>,
): Promise<NameRules> {
  const [databases, functions, tables] = await Promise.all([
    namesIn(engine, "databases"),
    namesIn(engine, "functions"),
    namesIn(engine, `tables WHERE database = '${databaseName}'`),
  ]);
  return {
    database: databaseName,
    tables: readable,
    hiddenTables: new Set([...tables].filter((name) => !readable.has(name))),
    commonTableNames,
    databases: lowerCase(databases),
    functions: lowerCase(functions),
  };
}

function treeOf(explained: string): SyntaxNode {
  try {
    return readSyntaxTree(explained);
  } catch (cause) {
    throw new RejectedError("The query could not be read safely.", {
      code: "SQL_NOT_ALLOWED",
      mend: "Write it in a simpler way.",
      cause,
    });
  }
}

async function checkedText(engine: Engine, sql: string, readable: ReadonlySet<string>): Promise<string> {
  const { text, commonTableNames } = readStatement(sql);
  // Whatever the connection did before: a name without a database must not mean a file or a table of someone else.
  await engine.useDatabase(databaseName);
  const explained = await engine.query({
    role: "untrusted",
    sql: `EXPLAIN AST ${text}`,
    format: "TabSeparated",
  });
  checkTree(treeOf(explained), await nameRules(engine, readable, commonTableNames));
  return text;
}

export interface UntrustedQuery {
  sql: string;
  limits: UntrustedLimits;
  /** Only rows of this tenant are there; all rows when absent. */
  tenantId: string | undefined;
}

interface JsonAnswer {
  meta: { name: string; type: string }[];
  data: Record<string, unknown>[];
  statistics?: { elapsed?: number };
}

/**
 * Runs what a person wrote, if it is one SELECT over our tables that calls nothing but harmless functions. The text that the
 * database's own parser read is the text that runs, on a connection that can only read.
 * @throws RejectedError naming what is not allowed, or what the database did not like
 */
export async function runUntrusted(
  engine: Engine,
  { sql, limits, tenantId }: UntrustedQuery,
): Promise<SqlResult> {
  try {
    const { tables, rowFilters } = readScope(tenantId);
    const text = await checkedText(engine, sql, tables);
    const filtered = rowFilters === undefined ? {} : { rowFilters };
    const answer = JSON.parse(
      await engine.query({ role: "untrusted", sql: text, format: "JSON", ...filtered }),
    ) as JsonAnswer;
    return {
      columns: answer.meta.map(({ name, type }) => ({ name, type })),
      rows: answer.data.slice(0, limits.maxRows),
      truncated: answer.data.length > limits.maxRows,
      elapsedMs: (answer.statistics?.elapsed ?? 0) * 1000,
    };
  } catch (thrown) {
    if (thrown instanceof RejectedError) throw thrown;
    throw refusalOf(toDatabaseError(thrown), limits);
  }
}
