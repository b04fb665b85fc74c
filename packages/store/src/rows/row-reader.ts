import type { Attributes } from "@plumbline/contracts";
import type { CellValue, Row } from "./row.ts";
import { msOfUnixNano, unixNanoOfText } from "./times.ts";

/** Reads a row that {@link RowEncoder} built, as the database gives it back. */
export class RowReader {
  readonly #row: Row;

  constructor(row: Row) {
    this.#row = row;
  }

  text(column: string): string {
    return this.#textOf(column, this.#row[column]);
  }

  nullableText(column: string): string | null {
    return this.#orNull(column, (value) => this.#textOf(column, value));
  }

  texts(column: string): string[] {
    return this.#list(column).map((value) => this.#textOf(column, value));
  }

  /** One of the words that a column holds; the store wrote it, so it is not checked again. */
  word<Word extends string>(column: string): Word {
    return this.text(column) as Word;
  }

  nullableWord<Word extends string>(column: string): Word | null {
    return this.nullableText(column) as Word | null;
  }

  flag(column: string): boolean {
    const value = this.#row[column];
    return value === true || value === 1;
  }

  nullableFlag(column: string): boolean | null {
    return this.#orNull(column, (value) => value === true || value === 1);
  }

  /** A 64-bit integer (which comes as text) or a float. */
  number(column: string): number {
    return this.#numberOf(column, this.#row[column]);
  }

  nullableNumber(column: string): number | null {
    return this.#orNull(column, (value) => this.#numberOf(column, value));
  }

  bigint(column: string): bigint {
    return BigInt(this.text(column));
  }

  time(column: string): number {
    return msOfUnixNano(this.unixNano(column));
  }

  nullableTime(column: string): number | null {
    return this.#orNull(column, (value) => msOfUnixNano(unixNanoOfText(this.#textOf(column, value))));
  }

  unixNano(column: string): bigint {
    return unixNanoOfText(this.text(column));
  }

  unixNanos(column: string): bigint[] {
    return this.texts(column).map(unixNanoOfText);
  }

  attributes(column: string): Attributes {
    return this.#attributesOf(column, this.#row[column]);
  }

  attributeList(column: string): Attributes[] {
    return this.#list(column).map((value) => this.#attributesOf(column, value));
  }

  json<Value>(column: string): Value {
    return JSON.parse(this.text(column)) as Value;
  }

  #list(column: string): readonly CellValue[] {
    const value = this.#row[column];
    return Array.isArray(value) ? (value as readonly CellValue[]) : this.#unexpected(column, "an array");
  }

  #textOf(column: string, value: CellValue | undefined): string {
    if (typeof value === "string") return value;
    return typeof value === "number" ? String(value) : this.#unexpected(column, "text");
  }

  #numberOf(column: string, value: CellValue | undefined): number {
    if (typeof value === "number") return value;
    return typeof value === "string" && value !== "" ? Number(value) : this.#unexpected(column, "a number");
  }

  #attributesOf(column: string, value: CellValue | undefined): Attributes {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      return this.#unexpected(column, "a map");
    }
    return value as Attributes;
  }

  #orNull<Value>(column: string, read: (value: CellValue) => Value): Value | null {
    const value = this.#row[column];
    return value === null || value === undefined ? null : read(value);
  }

  #unexpected(column: string, wanted: string): never {
    throw new TypeError(`Column ${column} is not ${wanted}: ${JSON.stringify(this.#row[column] ?? null)}`);
  }
}
