import type { Attributes } from "@plumbline/contracts";
import { attributeText, jsonText } from "./attribute-text.ts";
import type { CellValue, Row } from "./row.ts";
import { type StorableTime, clampUnixNano, timeText, unixNanoOfMs } from "./times.ts";

type TextMap = Record<string, string>;

/** For a key like `__proto__`, which is a key here as any other. */
const ownProperty = { enumerable: true, configurable: true, writable: true } as const;

/**
 * Builds one row column by column and makes every value storable on the way: one that the database would refuse costs the
 * whole batch otherwise. What had to be changed is listed in the column `AlteredFields`.
 */
export class RowEncoder {
  readonly #row: Row = {};
  readonly #altered = new Set<string>();

  text(column: string, value: string): this {
    return this.#set(column, this.#wellFormed(column, value));
  }

  nullableText(column: string, value: string | null): this {
    return this.#set(column, value === null ? null : this.#wellFormed(column, value));
  }

  texts(column: string, values: readonly string[]): this {
    return this.#set(
      column,
      values.map((value) => this.#wellFormed(column, value)),
    );
  }

  flag(column: string, value: boolean | null): this {
    return this.#set(column, value);
  }

  /** A count, size, position or revision: a whole number from 0 to 2^53 - 1. */
  count(column: string, value: number): this {
    return this.#set(column, this.#wholeNumber(column, value));
  }

  nullableCount(column: string, value: number | null): this {
    return this.#set(column, value === null ? null : this.#wholeNumber(column, value));
  }

  /** An unsigned whole number below `end`, for narrow columns. */
  smallCount(column: string, value: number, end: number): this {
    const whole = this.#wholeNumber(column, value);
    return this.#set(column, this.#kept(column, Math.min(whole, end - 1), whole));
  }

  real(column: string, value: number): this {
    return this.#set(column, this.#finite(column, value));
  }

  nullableReal(column: string, value: number | null): this {
    return this.#set(column, value === null ? null : this.#finite(column, value));
  }

  /** @param timeMs milliseconds since the epoch */
  time(column: string, timeMs: number): this {
    return this.#set(column, this.#timeText(column, unixNanoOfMs(timeMs)));
  }

  nullableTime(column: string, timeMs: number | null): this {
    return timeMs === null ? this.#set(column, null) : this.time(column, timeMs);
  }

  /** The UTC day of a time, as `YYYY-MM-DD`. */
  day(column: string, timeMs: number): this {
    return this.#set(column, this.#timeText(column, unixNanoOfMs(timeMs)).slice(0, 10));
  }

  unixNano(column: string, value: bigint): this {
    return this.#set(column, this.#timeText(column, clampUnixNano(value)));
  }

  unixNanos(column: string, values: readonly bigint[]): this {
    return this.#set(
      column,
      values.map((value) => this.#timeText(column, clampUnixNano(value))),
    );
  }

  /** Nanoseconds from start to end; 0 when the end was before the start. */
  duration(column: string, startUnixNano: bigint, endUnixNano: bigint): this {
    const nanos = endUnixNano - startUnixNano;
    if (nanos < 0n) this.#altered.add(column);
    return this.#set(column, (nanos < 0n ? 0n : nanos).toString());
  }

  attributes(column: string, value: Attributes): this {
    return this.#set(column, this.#textMap(column, value));
  }

  attributeList(column: string, values: readonly Attributes[]): this {
    return this.#set(
      column,
      values.map((value) => this.#textMap(column, value)),
    );
  }

  /** Anything as JSON text. */
  json(column: string, value: unknown): this {
    return this.#set(column, jsonText(value));
  }

  done(): Row {
    this.#row["AlteredFields"] = [...this.#altered];
    return this.#row;
  }

  #set(column: string, value: CellValue): this {
    this.#row[column] = value;
    return this;
  }

  #wellFormed(column: string, value: string): string {
    if (value.isWellFormed()) return value;
    this.#altered.add(column);
    return value.toWellFormed();
  }

  #kept<Value>(column: string, kept: Value, given: Value): Value {
    if (kept !== given) this.#altered.add(column);
    return kept;
  }

  #finite(column: string, value: number): number {
    if (Number.isFinite(value)) return value;
    const replaced = Number.isNaN(value) ? 0 : Math.sign(value) * Number.MAX_VALUE;
    return this.#kept(column, replaced, value);
  }

  #wholeNumber(column: string, value: number): number {
    const limited = Math.min(Math.max(Number.isNaN(value) ? 0 : value, 0), Number.MAX_SAFE_INTEGER);
    return this.#kept(column, Math.trunc(limited), value);
  }

  #timeText(column: string, time: StorableTime): string {
    if (time.altered) this.#altered.add(column);
    return timeText(time.unixNano);
  }

  #textMap(column: string, attributes: Attributes): TextMap {
    const map: TextMap = {};
    for (const [key, value] of Object.entries(attributes)) {
      const name = this.#wellFormed(column, key);
      const text = this.#wellFormed(column, attributeText(value));
      if (name === "__proto__") Object.defineProperty(map, name, { ...ownProperty, value: text });
      else map[name] = text;
    }
    return map;
  }
}
