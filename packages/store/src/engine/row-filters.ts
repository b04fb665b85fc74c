import { quotedText } from "./sql-text.ts";

/** What a statement may see of each table: a condition by the table's qualified name, wherever it is read and under whatever alias. */
export type RowFilters = Readonly<Record<string, string>>;

/** The setting by which the database itself applies them, in views and subqueries too. */
export function rowFilterSettings(filters: RowFilters = {}): Readonly<Record<string, string>> {
  const entries = Object.entries(filters).map(
    ([table, condition]) => `${quotedText(table)}:${quotedText(condition)}`,
  );
  return entries.length === 0 ? {} : { additional_table_filters: `{${entries.join(",")}}` };
}
