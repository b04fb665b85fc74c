export { createChdbStore } from "./chdb/create-chdb-store.ts";
export type { ChdbStoreOptions } from "./chdb/create-chdb-store.ts";
export { createClickhouseStore } from "./clickhouse/create-clickhouse-store.ts";
export type { ClickhouseStoreOptions } from "./clickhouse/create-clickhouse-store.ts";
export { readExporterSpans } from "./exporter/exporter-spans.ts";
export type { ExporterSpans, SpanWindow } from "./exporter/exporter-spans.ts";
export { defaultRetentionDays } from "./migrate/retention.ts";
export type { RetentionDays } from "./migrate/retention.ts";
export { readMigrations } from "./migrate/migrations.ts";
export type { Migration } from "./migrate/migrations.ts";
export { createAuditQueries } from "./queries/audit-queries.ts";
export type { AuditPage, AuditQueries } from "./queries/audit-queries.ts";
export { createRunQueries } from "./queries/run-queries.ts";
export type { RunQueries, RunReference } from "./queries/run-queries.ts";
export type {
  InsertResult,
  RejectedItem,
  Store,
  StoreQuery,
  StoredLog,
  StoredSpan,
  TableItems,
  TableName,
} from "./store.ts";
