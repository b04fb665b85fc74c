import { gunzipSync } from "node:zlib";
import { type OtlpLogRecord, type OtlpSpan, isPlumblineError, RejectedError } from "@plumbline/contracts";
import { decodeLogs, decodeTraces, maxBodyBytes } from "../ingest/decode/decode.ts";

/** Telemetry as a file holds it. */
export interface TelemetryFile {
  /** For error messages. */
  name: string;
  bytes: Uint8Array;
}

export interface FileContent {
  spans: OtlpSpan[];
  logs: OtlpLogRecord[];
  /** Why single spans or log records could not be read. */
  rejected: string[];
}

const json = "application/json";
const protobuf = "application/x-protobuf";
const gzipMagic = [0x1f, 0x8b] as const;

function unzipped({ name, bytes }: TelemetryFile): Uint8Array {
  if (bytes[0] !== gzipMagic[0] || bytes[1] !== gzipMagic[1]) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: maxBodyBytes });
  } catch (cause) {
    throw new RejectedError(`${name} is not readable gzip.`, {
      code: "TELEMETRY_GZIP",
      mend: "Check that the file is whole and unzips to at most 64 MiB.",
      cause,
    });
  }
}

const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

function looksLikeJson(bytes: Uint8Array): boolean {
  const first = bytes.find((byte) => !isSpace(byte));
  return first === 0x7b && bytes[0] !== 0x0a;
}

const isId = (id: string, length: number): boolean => id.length === length;

/** Both kinds of request have the same frame; only whole spans have ids of the right length. */
const areSpans = (spans: readonly OtlpSpan[]): boolean =>
  spans.every(({ traceId, spanId }) => isId(traceId, 32) && isId(spanId, 16));
const areLogs = (logs: readonly OtlpLogRecord[]): boolean =>
  logs.every(({ timeUnixNano, observedTimeUnixNano }) => timeUnixNano > 0n || observedTimeUnixNano > 0n);

function attempt<Item>(decode: () => Item[]): Item[] | undefined {
  try {
    return decode();
  } catch (error) {
    if (isPlumblineError(error)) return undefined;
    throw error;
  }
}

function readProtobuf(bytes: Uint8Array): FileContent {
  const spans = attempt(() => decodeTraces(bytes, protobuf));
  if (spans !== undefined && areSpans(spans)) return { spans, logs: [], rejected: [] };
  const logs = attempt(() => decodeLogs(bytes, protobuf));
  if (logs !== undefined && areLogs(logs)) return { spans: [], logs, rejected: [] };
  return readDamaged(bytes);
}

/** Takes what is whole of a body whose frame holds, spans or log records, whichever there is more of. */
function readDamaged(bytes: Uint8Array): FileContent {
  const rejected: string[] = [];
  const spans = decodeTraces(bytes, protobuf, (reason) => rejected.push(reason)).filter((span) =>
    areSpans([span]),
  );
  const unread: string[] = [];
  const logs = decodeLogs(bytes, protobuf, (reason) => unread.push(reason)).filter((record) =>
    areLogs([record]),
  );
  return spans.length >= logs.length ? { spans, logs: [], rejected } : { spans: [], logs, rejected: unread };
}

/** One body may hold either kind, or both. */
function readJson(bytes: Uint8Array): FileContent {
  const rejected: string[] = [];
  const onRejected = (reason: string): void => void rejected.push(reason);
  return {
    spans: decodeTraces(bytes, json, onRejected),
    logs: decodeLogs(bytes, json, onRejected),
    rejected,
  };
}

/** The Collector's file exporter writes one request a line. */
function readLines(bytes: Uint8Array): FileContent {
  const lines = new TextDecoder().decode(bytes).split("\n");
  const encoder = new TextEncoder();
  const parts = lines.filter((line) => line.trim() !== "").map((line) => readJson(encoder.encode(line)));
  return {
    spans: parts.flatMap(({ spans }) => spans),
    logs: parts.flatMap(({ logs }) => logs),
    rejected: parts.flatMap(({ rejected }) => rejected),
  };
}

function read(file: TelemetryFile): FileContent {
  const bytes = unzipped(file);
  if (!looksLikeJson(bytes)) return readProtobuf(bytes);
  return attemptWhole(bytes) ?? readLines(bytes);
}

function attemptWhole(bytes: Uint8Array): FileContent | undefined {
  try {
    return readJson(bytes);
  } catch (error) {
    if (isPlumblineError(error) && bytes.includes(0x0a)) return undefined;
    throw error;
  }
}

/**
 * Spans and log records of a file: OTLP JSON (one request, or one a line) or protobuf, gzipped or not.
 * @throws RejectedError naming the file when it is none of these
 */
export function readTelemetryFile(file: TelemetryFile): FileContent {
  try {
    return read(file);
  } catch (error) {
    if (!isPlumblineError(error)) throw error;
    throw new RejectedError(`${file.name}: ${error.message}`, { code: error.code, cause: error });
  }
}
