import { RejectedError } from "@plumbline/contracts";
import type { ReceivedRecord } from "../bus.ts";
import type { PlacedRecord } from "../publishing/placement.ts";
import { type PartitionState, offsetOf } from "./partition-state.ts";

type Row = Readonly<Record<string, unknown>>;

const noHeaders: Readonly<Record<string, string>> = Object.freeze({});

export function numberIn(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== "number") throw unreadable(column, value);
  return value;
}

export function textIn(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== "string") throw unreadable(column, value);
  return value;
}

export function headersText(record: PlacedRecord): string | null {
  for (const _ in record.headers) return JSON.stringify(record.headers);
  return null;
}

export function recordOf(state: PartitionState, row: Row): ReceivedRecord {
  const { record_key: key, headers, value } = row;
  if (!(value instanceof Uint8Array)) throw unreadable("value", value);
  return {
    topic: state.topic,
    partition: state.number,
    offset: offsetOf(state, numberIn(row, "record_id")),
    key: typeof key === "string" ? key : null,
    value,
    headers: typeof headers === "string" ? (JSON.parse(headers) as Record<string, string>) : noHeaders,
    timestampMs: numberIn(row, "timestamp_ms"),
  };
}

function unreadable(column: string, value: unknown): RejectedError {
  return new RejectedError(`Column ${column} of the bus file holds ${typeof value}.`, {
    code: "BUS_FILE_DAMAGED",
  });
}
