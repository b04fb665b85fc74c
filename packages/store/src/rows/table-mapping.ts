import type { Row } from "./row.ts";

/** How the items of one table become rows and rows become items. Both directions are pure. */
export interface TableMapping<Item> {
  /** Never throws and never returns a value that the database refuses. */
  toRow(item: Item): Row;
  /** @throws TypeError when the row lacks a column or holds what the table cannot hold */
  fromRow(row: Row): Item;
}
