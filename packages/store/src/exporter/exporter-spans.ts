import { type OtlpSpan, RejectedError } from "@plumbline/contracts";
import { spanMapping } from "../rows/otel-traces.ts";
import type { Row } from "../rows/row.ts";
import type { Store } from "../store.ts";

/** An hour in which spans began, and how many. */
export interface SpanWindow {
  fromMs: number;
  spans: number;
}

/** Spans of a table that the OpenTelemetry ClickHouse exporter wrote. Only reads. */
export interface ExporterSpans {
  /** The hours that hold spans, oldest first. */
  windows(sinceMs: number): Promise<SpanWindow[]>;
  /** The spans that began in such an hour, page by page in the order of their start. */
  read(window: SpanWindow, sinceMs: number): AsyncGenerator<OtlpSpan[]>;
}

const pageSpans = 2_000;
const windowMs = 3_600_000;
const columns = [
  "Timestamp",
  "TraceId",
  "SpanId",
  "ParentSpanId",
  "TraceState",
  "SpanName",
  "SpanKind",
  "ResourceAttributes",
  "ScopeName",
  "ScopeVersion",
  "SpanAttributes",
  "Duration",
  "StatusCode",
  "StatusMessage",
  "Events.Timestamp",
  "Events.Name",
  "Events.Attributes",
  "Links.TraceId",
  "Links.SpanId",
  "Links.TraceState",
  "Links.Attributes",
];

function tableIn(database: string): string {
  if (/^\w+$/.test(database)) return `\`${database}\`.otel_traces`;
  throw new RejectedError(`${JSON.stringify(database)} is no name of a database.`, {
    code: "DATABASE_NAME",
    mend: "Use letters, digits and underscores.",
  });
}

/**
 * Reads `otel_traces` of a database in the exporter's columns.
 * @throws RejectedError when the name of the database can't be one
 */
export function readExporterSpans(store: Pick<Store, "query">, database: string): ExporterSpans {
  const table = tableIn(database);
  const selected = columns.map((column) => `\`${column}\``).join(", ");
  const bounds = "Timestamp >= fromUnixTimestamp64Milli({fromMs:Int64})";
  return {
    async windows(sinceMs) {
      const rows = await store.query<{ hour: number; spans: string }>({
        sql: `SELECT intDiv(toUnixTimestamp(Timestamp), 3600) AS hour, count() AS spans FROM ${table} WHERE ${bounds} GROUP BY hour ORDER BY hour`,
        parameters: { fromMs: sinceMs },
      });
      return rows.map(({ hour, spans }) => ({ fromMs: Number(hour) * windowMs, spans: Number(spans) }));
    },

    async *read({ fromMs }, sinceMs) {
      const sql = `SELECT ${selected} FROM ${table} WHERE ${bounds} AND Timestamp < fromUnixTimestamp64Milli({toMs:Int64}) ORDER BY Timestamp, TraceId, SpanId LIMIT ${String(pageSpans)} OFFSET {offset:UInt64}`;
      for (let offset = 0; ; offset += pageSpans) {
        const parameters = { fromMs: Math.max(fromMs, sinceMs), toMs: fromMs + windowMs, offset };
        const rows = await store.query<Row>({ sql, parameters });
        yield rows.map((row) => spanMapping.fromRow({ TenantId: "", RunId: "", ...row }).span);
        if (rows.length < pageSpans) return;
      }
    },
  };
}
