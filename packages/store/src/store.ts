import type {
  Ack,
  ApprovalRequest,
  Checkpoint,
  Command,
  Directive,
  Feedback,
  Finding,
  OtlpLogRecord,
  OtlpSpan,
  RunSummary,
  Score,
  SignedAuditHead,
  SqlResult,
  Step,
  StoredCompliance,
  StoredTechnical,
} from "@plumbline/contracts";

/** Raw telemetry with what the receiver knew of it. */
export interface StoredSpan {
  tenantId: string;
  /** The run it was recognised to belong to; empty when none. */
  runId: string;
  span: OtlpSpan;
}

export interface StoredLog {
  tenantId: string;
  runId: string;
  log: OtlpLogRecord;
}

/** What each table takes. */
export interface TableItems {
  otel_traces: StoredSpan;
  otel_logs: StoredLog;
  steps: Step;
  scores: Score;
  findings: Finding;
  commands: Command;
  directives: Directive;
  acks: Ack;
  runs: RunSummary;
  approvals: ApprovalRequest;
  checkpoints: Checkpoint;
  tool_calls_audit: StoredCompliance;
  audit_log: StoredTechnical;
  audit_heads: SignedAuditHead;
  feedback: Feedback;
}
export type TableName = keyof TableItems;

export interface RejectedItem {
  /** Position in the batch. */
  index: number;
  reason: string;
}

export interface InsertResult {
  inserted: number;
  /** Items that no sanitising made acceptable; everything else of the batch is in. */
  rejected: readonly RejectedItem[];
}

export interface StoreQuery {
  sql: string;
  /** Bound as `{name:Type}` in the text. */
  parameters?: Readonly<Record<string, unknown>>;
}

/** The tables. A second insert with the same token is dropped by the database. */
export interface Store {
  /** Brings the tables to the newest version; safe to call at every start and from several processes. */
  migrate(): Promise<void>;
  insert<Name extends TableName>(
    table: Name,
    items: readonly TableItems[Name][],
    token: string,
  ): Promise<InsertResult>;
  /** For our own code: fixed text, bound parameters. Rows as JSON objects, 64-bit integers as text. */
  query<Row>(query: StoreQuery): Promise<Row[]>;
  /**
   * For text that a person wrote: one SELECT over our tables, read-only, limited in rows and time.
   * @param tenantId the one tenant whose rows the statement sees; those of all when absent
   * @throws RejectedError naming what is not allowed
   */
  queryUntrusted(sql: string, tenantId?: string): Promise<SqlResult>;
  check(): Promise<void>;
  close(): Promise<void>;
}
