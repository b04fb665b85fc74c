import type { Command } from "commander";
import type { SqlResult } from "@plumbline/contracts";
import { type CommandContext, type JsonOption, printResult } from "../command-context.ts";
import { formatTable } from "../format/table.ts";

const cellWidth = 80;

function cellOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "string") return value;
  return JSON.stringify(value);
}

export function formatSqlResult({ columns, rows, truncated }: SqlResult): string {
  const isNumber = (type: string): boolean => /^(Nullable\()?(U?Int|Float|Decimal)/.test(type);
  const titles = columns.map(({ name, type }) => ({
    title: name,
    maxWidth: cellWidth,
    align: isNumber(type) ? ("right" as const) : ("left" as const),
  }));
  const table = formatTable(
    titles,
    rows.map((row) => columns.map(({ name }) => cellOf(row[name]))),
  );
  const count = `${String(rows.length)} ${rows.length === 1 ? "row" : "rows"}${truncated ? ", cut at the limit" : ""}`;
  return `${table}\n(${count})`;
}

export function addSqlCommand(program: Command, context: CommandContext): void {
  program
    .command("sql")
    .description("run one read-only SELECT over Plumbline's tables")
    .argument("<query>", "ClickHouse SQL")
    .option("--json", "print JSON")
    .action(async (query: string, options: JsonOption) => {
      printResult(context, await context.client().sql(query), {
        json: options.json,
        format: formatSqlResult,
      });
    });
}
