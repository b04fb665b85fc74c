import { type Attributes, type OtlpSpan, otel } from "@plumbline/contracts";
import type { StoredSpan } from "../store.ts";
import { attributeText } from "./attribute-text.ts";
import { RowEncoder } from "./row-encoder.ts";
import { RowReader } from "./row-reader.ts";
import type { TableMapping } from "./table-mapping.ts";

const kindNames = ["Unspecified", "Internal", "Server", "Client", "Producer", "Consumer"] as const;
const statusNames = ["Unset", "Ok", "Error"] as const;

/** `service.name` of a resource as text; empty when it has none. */
export function serviceNameOf(resourceAttributes: Attributes): string {
  return attributeText(resourceAttributes[otel.serviceName] ?? null);
}

function encodeEvents(row: RowEncoder, span: OtlpSpan): void {
  row
    .unixNanos(
      "Events.Timestamp",
      span.events.map((event) => event.timeUnixNano),
    )
    .texts(
      "Events.Name",
      span.events.map((event) => event.name),
    )
    .attributeList(
      "Events.Attributes",
      span.events.map((event) => event.attributes),
    );
}

function encodeLinks(row: RowEncoder, span: OtlpSpan): void {
  row
    .texts(
      "Links.TraceId",
      span.links.map((link) => link.traceId),
    )
    .texts(
      "Links.SpanId",
      span.links.map((link) => link.spanId),
    )
    .texts(
      "Links.TraceState",
      span.links.map((link) => link.traceState),
    )
    .attributeList(
      "Links.Attributes",
      span.links.map((link) => link.attributes),
    );
}

function readEvents(row: RowReader): OtlpSpan["events"] {
  const names = row.texts("Events.Name");
  const attributes = row.attributeList("Events.Attributes");
  return row.unixNanos("Events.Timestamp").map((timeUnixNano, index) => ({
    timeUnixNano,
    name: names[index] ?? "",
    attributes: attributes[index] ?? {},
  }));
}

function readLinks(row: RowReader): OtlpSpan["links"] {
  const spanIds = row.texts("Links.SpanId");
  const traceStates = row.texts("Links.TraceState");
  const attributes = row.attributeList("Links.Attributes");
  return row.texts("Links.TraceId").map((traceId, index) => ({
    traceId,
    spanId: spanIds[index] ?? "",
    traceState: traceStates[index] ?? "",
    attributes: attributes[index] ?? {},
  }));
}

function readSpan(row: RowReader): OtlpSpan {
  const startTimeUnixNano = row.unixNano("Timestamp");
  return {
    origin: {
      resourceAttributes: row.attributes("ResourceAttributes"),
      resourceSchemaUrl: "",
      scopeName: row.text("ScopeName"),
      scopeVersion: row.text("ScopeVersion"),
      scopeAttributes: {},
      scopeSchemaUrl: "",
    },
    traceId: row.text("TraceId"),
    spanId: row.text("SpanId"),
    parentSpanId: row.text("ParentSpanId"),
    traceState: row.text("TraceState"),
    name: row.text("SpanName"),
    kind: Math.max(0, kindNames.indexOf(row.word("SpanKind"))),
    startTimeUnixNano,
    endTimeUnixNano: startTimeUnixNano + row.bigint("Duration"),
    attributes: row.attributes("SpanAttributes"),
    droppedAttributesCount: 0,
    events: readEvents(row),
    links: readLinks(row),
    status: {
      code: Math.max(0, statusNames.indexOf(row.word("StatusCode"))),
      message: row.text("StatusMessage"),
    },
    flags: 0,
  };
}

/**
 * Attribute values become text; flags, schema URLs, scope attributes and the count of dropped attributes have no column
 * in this layout and come back empty.
 */
export const spanMapping: TableMapping<StoredSpan> = {
  toRow({ tenantId, runId, span }) {
    const row = new RowEncoder()
      .unixNano("Timestamp", span.startTimeUnixNano)
      .text("TraceId", span.traceId)
      .text("SpanId", span.spanId)
      .text("ParentSpanId", span.parentSpanId)
      .text("TraceState", span.traceState)
      .text("SpanName", span.name)
      .text("SpanKind", kindNames[span.kind] ?? "Unspecified")
      .text("ServiceName", serviceNameOf(span.origin.resourceAttributes))
      .attributes("ResourceAttributes", span.origin.resourceAttributes)
      .text("ScopeName", span.origin.scopeName)
      .text("ScopeVersion", span.origin.scopeVersion)
      .attributes("SpanAttributes", span.attributes)
      .duration("Duration", span.startTimeUnixNano, span.endTimeUnixNano)
      .text("StatusCode", statusNames[span.status.code] ?? "Unset")
      .text("StatusMessage", span.status.message)
      .text("TenantId", tenantId)
      .text("RunId", runId);
    encodeEvents(row, span);
    encodeLinks(row, span);
    return row.done();
  },

  fromRow(source) {
    const row = new RowReader(source);
    return { tenantId: row.text("TenantId"), runId: row.text("RunId"), span: readSpan(row) };
  },
};
