import type { ExportEncoding } from "./export-encoding.ts";
import type { Signal } from "./signal.ts";

const lengthDelimited = 2;

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return [...bytes, rest];
}

function bytesField(field: number, content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([field * 8 + lengthDelimited, ...varint(content.length)]), content]);
}

function numberField(field: number, value: number): Buffer {
  return value === 0 ? Buffer.alloc(0) : Buffer.from([field * 8, ...varint(value)]);
}

/** What the sender is told about a request that was taken. */
export interface PartialSuccess {
  rejected: number;
  /** Empty when there is nothing to say. */
  message: string;
}

/** An `Export…ServiceResponse`; empty when everything was taken and there is nothing to say. */
export function exportResponse(signal: Signal, encoding: ExportEncoding, partial: PartialSuccess): Buffer {
  const silent = partial.rejected === 0 && partial.message === "";
  if (encoding === "json") {
    const partialSuccess = {
      [signal.json.rejected]: String(partial.rejected),
      errorMessage: partial.message,
    };
    return Buffer.from(JSON.stringify(silent ? {} : { partialSuccess }));
  }
  if (silent) return Buffer.alloc(0);
  const message = bytesField(2, Buffer.from(partial.message));
  return bytesField(1, Buffer.concat([numberField(1, partial.rejected), message]));
}

/** A `google.rpc.Status`. */
export interface RpcStatus {
  code: number;
  message: string;
  /** Adds a `RetryInfo` to the protobuf form. */
  retryAfterMs?: number | null;
}

function retryInfo(retryAfterMs: number): Buffer {
  const seconds = Math.floor(retryAfterMs / 1000);
  const nanos = Math.round((retryAfterMs % 1000) * 1_000_000);
  const duration = Buffer.concat([numberField(1, seconds), numberField(2, nanos)]);
  const typeUrl = bytesField(1, Buffer.from("type.googleapis.com/google.rpc.RetryInfo"));
  return bytesField(3, Buffer.concat([typeUrl, bytesField(2, bytesField(1, duration))]));
}

export function statusBody(encoding: ExportEncoding, status: RpcStatus): Buffer {
  const { code, message, retryAfterMs } = status;
  if (encoding === "json") return Buffer.from(JSON.stringify({ code, message }));
  const details = retryAfterMs === undefined || retryAfterMs === null ? [] : [retryInfo(retryAfterMs)];
  return Buffer.concat([numberField(1, code), bytesField(2, Buffer.from(message)), ...details]);
}
