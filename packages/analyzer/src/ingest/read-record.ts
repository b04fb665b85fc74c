import type { ReceivedRecord } from "@plumbline/bus";
import {
  findingScopeName,
  header,
  isPlumblineError,
  plumblineAttribute,
  topic,
  type Attributes,
  type OtlpLogRecord,
  type OtlpSpan,
} from "@plumbline/contracts";
import { type ReceivedAudit, takeAudits } from "../audit/audit-log.ts";
import type { Rows } from "../persist/rows.ts";
import { decodeLogs, decodeTraces } from "./decode/decode.ts";
import type { ObservationDraft } from "./recognise/draft.ts";
import { recogniseLog, recogniseSpan, type RecordContext } from "./recognise/recognise.ts";

/** What one record of the bus holds: observations without a run yet, and the raw rows. */
export interface RecordContent {
  drafts: ObservationDraft[];
  audits: ReceivedAudit[];
  spans: OtlpSpan[];
  logs: OtlpLogRecord[];
  tenantId: string;
  /** Why single spans or log records were left out: of recognition only, or, where they could not be read, of the rows as well. */
  refusals: string[];
}

function contextAt(record: ReceivedRecord, index: number): RecordContext {
  const { topic: topicName, partition, offset, headers } = record;
  return {
    tenantId: headers[header.tenantId] ?? "",
    principal: headers[header.principal] ?? "",
    source: { topic: topicName, partition, offset, index },
  };
}

/** Recognises each item by itself: one bad span does not take its neighbours along. */
function recogniseAll<Item>(
  items: readonly Item[],
  record: ReceivedRecord,
  recognise: (item: Item, context: RecordContext) => ObservationDraft[],
): Pick<RecordContent, "drafts" | "refusals"> {
  const drafts: ObservationDraft[] = [];
  const refusals: string[] = [];
  for (const [index, item] of items.entries()) {
    try {
      drafts.push(...recognise(item, contextAt(record, index)));
    } catch (error) {
      if (!isPlumblineError(error)) throw error;
      refusals.push(error.message);
    }
  }
  return { drafts, refusals };
}

/** Findings go to trace viewers by way of the Collector, which brings them here too; their rows were written with the finding. */
const isNotOurs = ({ origin }: OtlpSpan): boolean => origin.scopeName !== findingScopeName;

/**
 * Decodes and recognises one record of the span or log topic.
 * @throws RejectedError when its bytes can't be read at all
 */
export function readRecord(record: ReceivedRecord): RecordContent {
  const contentType = record.headers[header.contentType] ?? "";
  const tenantId = record.headers[header.tenantId] ?? "";
  const unreadable: string[] = [];
  const onRejected = (reason: string): void => void unreadable.push(reason);
  if (record.topic === topic.logs) {
    const decoded = decodeLogs(record.value, contentType, onRejected);
    const principal = record.headers[header.principal] ?? "";
    const { audits, others: logs, refusals } = takeAudits(decoded, { tenantId, principal });
    const recognised = recogniseAll(logs, record, recogniseLog);
    unreadable.push(...refusals, ...recognised.refusals);
    return { ...recognised, audits, refusals: unreadable, spans: [], logs, tenantId };
  }
  const spans = decodeTraces(record.value, contentType, onRejected).filter(isNotOurs);
  const recognised = recogniseAll(spans, record, (span, context) => {
    const draft = recogniseSpan(span, context);
    return draft === undefined ? [] : [draft];
  });
  unreadable.push(...recognised.refusals);
  return { ...recognised, audits: [], refusals: unreadable, spans, logs: [], tenantId };
}

function explicitRunId(attributes: Attributes): string | undefined {
  const value = attributes[plumblineAttribute.runId];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Raw rows of a record. `runOfTrace` says which run a trace was recognised to belong to. */
export function rowsOf(content: RecordContent, runOfTrace: (traceId: string) => string): Rows {
  const { spans, logs, tenantId } = content;
  return {
    otel_traces: spans.map((span) => ({
      tenantId,
      runId: explicitRunId(span.attributes) ?? runOfTrace(span.traceId),
      span,
    })),
    otel_logs: logs.map((log) => ({
      tenantId,
      runId: explicitRunId(log.attributes) ?? (log.traceId === "" ? "" : runOfTrace(log.traceId)),
      log,
    })),
  };
}
