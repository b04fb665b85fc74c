import { topic } from "@plumbline/contracts";

/** What tells traces from logs in OTLP; everything else about a request is the same. */
export interface Signal {
  name: "traces" | "logs";
  topic: string;
  /** Names in OTLP/JSON. */
  json: { resources: string; scopes: string; items: string; rejected: string };
  /** Field numbers of the two ids in a protobuf item. */
  idFields: { trace: number; span: number; parent: number | null };
  /** Whether an item must name a trace and a span. */
  needsIds: boolean;
  /** For messages to people. */
  itemNoun: string;
}

export const traces: Signal = {
  name: "traces",
  topic: topic.spans,
  json: { resources: "resourceSpans", scopes: "scopeSpans", items: "spans", rejected: "rejectedSpans" },
  idFields: { trace: 1, span: 2, parent: 4 },
  needsIds: true,
  itemNoun: "span",
};

export const logs: Signal = {
  name: "logs",
  topic: topic.logs,
  json: {
    resources: "resourceLogs",
    scopes: "scopeLogs",
    items: "logRecords",
    rejected: "rejectedLogRecords",
  },
  idFields: { trace: 9, span: 10, parent: null },
  needsIds: false,
  itemNoun: "log record",
};
