import type { StoredLog } from "../store.ts";
import { attributeText } from "./attribute-text.ts";
import { serviceNameOf } from "./otel-traces.ts";
import { RowEncoder } from "./row-encoder.ts";
import { RowReader } from "./row-reader.ts";
import type { TableMapping } from "./table-mapping.ts";

const oneByte = 256;

/** Attribute values and the body become text; a record without a time takes the time it was observed. */
export const logMapping: TableMapping<StoredLog> = {
  toRow({ tenantId, runId, log }) {
    const { origin } = log;
    return new RowEncoder()
      .unixNano("Timestamp", log.timeUnixNano === 0n ? log.observedTimeUnixNano : log.timeUnixNano)
      .text("TraceId", log.traceId)
      .text("SpanId", log.spanId)
      .smallCount("TraceFlags", log.flags & 0xff, oneByte)
      .text("SeverityText", log.severityText)
      .smallCount("SeverityNumber", log.severityNumber, oneByte)
      .text("ServiceName", serviceNameOf(origin.resourceAttributes))
      .text("Body", attributeText(log.body))
      .text("ResourceSchemaUrl", origin.resourceSchemaUrl)
      .attributes("ResourceAttributes", origin.resourceAttributes)
      .text("ScopeSchemaUrl", origin.scopeSchemaUrl)
      .text("ScopeName", origin.scopeName)
      .text("ScopeVersion", origin.scopeVersion)
      .attributes("ScopeAttributes", origin.scopeAttributes)
      .attributes("LogAttributes", log.attributes)
      .text("EventName", log.eventName)
      .text("TenantId", tenantId)
      .text("RunId", runId)
      .done();
  },

  fromRow(source) {
    const row = new RowReader(source);
    const timeUnixNano = row.unixNano("Timestamp");
    return {
      tenantId: row.text("TenantId"),
      runId: row.text("RunId"),
      log: {
        origin: {
          resourceAttributes: row.attributes("ResourceAttributes"),
          resourceSchemaUrl: row.text("ResourceSchemaUrl"),
          scopeName: row.text("ScopeName"),
          scopeVersion: row.text("ScopeVersion"),
          scopeAttributes: row.attributes("ScopeAttributes"),
          scopeSchemaUrl: row.text("ScopeSchemaUrl"),
        },
        timeUnixNano,
        observedTimeUnixNano: timeUnixNano,
        severityNumber: row.number("SeverityNumber"),
        severityText: row.text("SeverityText"),
        eventName: row.text("EventName"),
        body: row.text("Body"),
        attributes: row.attributes("LogAttributes"),
        droppedAttributesCount: 0,
        traceId: row.text("TraceId"),
        spanId: row.text("SpanId"),
        flags: row.number("TraceFlags"),
      },
    };
  },
};
