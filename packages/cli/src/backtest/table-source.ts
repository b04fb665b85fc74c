import { existsSync } from "node:fs";
import { join } from "node:path";
import { messageOf, SetupError } from "@plumbline/contracts";
import {
  createChdbStore,
  createClickhouseStore,
  type ExporterSpans,
  readExporterSpans,
  type SpanWindow,
  type Store,
} from "@plumbline/store";
import type { TelemetrySource, TelemetryUnit } from "./telemetry-source.ts";

const chdbPrefix = "chdb:";
const serverAddress = /^(clickhouse|clickhouses|https?):\/\//;

/** Whether a source names tables rather than files. */
export function isTableSource(source: string): boolean {
  return source.startsWith(chdbPrefix) || serverAddress.test(source);
}

interface Database {
  label: string;
  name: string;
  open(): Promise<Store>;
}

function serverDatabase(source: string): Database {
  const parsed = URL.canParse(source) ? new URL(source) : undefined;
  if (parsed === undefined)
    throw new SetupError("The address of the ClickHouse server is no URL.", {
      code: "SOURCE_URL",
      mend: "Write it as clickhouse://user:password@host:8123/database.",
    });
  const name = parsed.pathname.replaceAll("/", "") || "default";
  const url = source.replace(/^(\w+:\/\/[^/?#]*).*$/, "$1").replace(/^clickhouses:/, "https:");
  return {
    label: `${parsed.protocol}//${parsed.host}/${name}`,
    name,
    open: () => createClickhouseStore({ url }),
  };
}

function directoryDatabase(source: string): Database {
  const directory = source.slice(chdbPrefix.length);
  // The engine would make its files in any directory.
  if (!existsSync(join(directory, "metadata")))
    throw new SetupError(`${directory} is no directory of tables.`, {
      code: "SOURCE_UNREADABLE",
      mend: "Name one that plumbline up made, ~/.plumbline/chdb say.",
    });
  return { label: source, name: "plumbline", open: () => createChdbStore({ directory }) };
}

function unitOf(spans: ExporterSpans, window: SpanWindow, sinceMs: number): TelemetryUnit {
  return {
    name: `${new Date(window.fromMs).toISOString()} ${String(window.spans)}`,
    async *read() {
      for await (const page of spans.read(window, sinceMs)) yield { spans: page, logs: [] };
    },
  };
}

const nothingThere =
  /unknown (table|database|identifier)|UNKNOWN_(TABLE|DATABASE|IDENTIFIER)|does not exist/i;

async function unitsOf(spans: ExporterSpans, label: string, sinceMs: number): Promise<TelemetryUnit[]> {
  try {
    return (await spans.windows(sinceMs)).map((window) => unitOf(spans, window, sinceMs));
  } catch (cause) {
    if (!nothingThere.test(messageOf(cause))) throw cause;
    throw new SetupError(`${label} has no otel_traces in the columns of the ClickHouse exporter.`, {
      code: "SOURCE_TABLE",
      mend: "Name the database that the exporter writes to at the end of the address.",
      cause,
    });
  }
}

/**
 * The spans of an exporter's table, hour by hour.
 * @throws SetupError when the address can't be used
 */
export async function openTableSource(source: string, sinceMs: number): Promise<TelemetrySource> {
  const database = source.startsWith(chdbPrefix) ? directoryDatabase(source) : serverDatabase(source);
  const { label, name } = database;
  const store = await database.open();
  const spans = readExporterSpans(store, name);
  return { label, units: () => unitsOf(spans, label, sinceMs), close: () => store.close() };
}
