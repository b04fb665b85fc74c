import { type OtlpLogRecord, type OtlpSpan, RejectedError } from "@plumbline/contracts";
import type { OnRejected } from "./item-rejection.ts";
import { readJsonLogs } from "./json-logs.ts";
import { readJsonTraces } from "./json-traces.ts";
import { readLogs } from "./protobuf-logs.ts";
import { readTraces } from "./protobuf-traces.ts";

/** Largest body that is decoded; the receiver's own limit is lower. */
export const maxBodyBytes = 64 * 1024 * 1024;

function isJson(contentType: string): boolean {
  const mediaType = contentType.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  switch (mediaType) {
    case "application/json":
      return true;
    case "application/x-protobuf":
    case "application/protobuf":
    case "":
      return false;
    default:
      throw new RejectedError(`Content type "${mediaType}" is not one of OTLP.`, {
        code: "OTLP_CONTENT_TYPE",
        mend: "Send application/x-protobuf or application/json.",
      });
  }
}

function checkSize(bytes: Uint8Array): void {
  if (bytes.byteLength <= maxBodyBytes) return;
  throw new RejectedError(
    `An OTLP body of ${String(bytes.byteLength)} bytes is larger than ${String(maxBodyBytes)}.`,
    { code: "OTLP_BODY_TOO_LARGE", mend: "Lower the sender's batch size." },
  );
}

/**
 * Spans of one export request, in the order of the wire. Spans of one scope share their `origin`.
 * @param contentType of the body; empty means protobuf
 * @param onRejected told of single spans that can't be read, which are then left out; without it they fail the whole
 * @throws RejectedError saying where the body can't be read
 */
export function decodeTraces(bytes: Uint8Array, contentType: string, onRejected?: OnRejected): OtlpSpan[] {
  checkSize(bytes);
  return isJson(contentType) ? readJsonTraces(bytes, onRejected) : readTraces(bytes, onRejected);
}

/** As {@link decodeTraces}, for log records. */
export function decodeLogs(bytes: Uint8Array, contentType: string, onRejected?: OnRejected): OtlpLogRecord[] {
  checkSize(bytes);
  return isJson(contentType) ? readJsonLogs(bytes, onRejected) : readLogs(bytes, onRejected);
}
