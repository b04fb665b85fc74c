import type { OtlpLogRecord, OtlpOrigin } from "@plumbline/contracts";
import {
  anyValue,
  attributesField,
  field,
  idField,
  type JsonObject,
  nanosField,
  numberField,
  parseJson,
  readJsonRequest,
  textField,
} from "./json-common.ts";
import type { OnRejected } from "./item-rejection.ts";

function readRecord(record: JsonObject, origin: OtlpOrigin, where: string): OtlpLogRecord {
  return {
    origin,
    timeUnixNano: nanosField(record, "timeUnixNano", where),
    observedTimeUnixNano: nanosField(record, "observedTimeUnixNano", where),
    severityNumber: numberField(record, "severityNumber"),
    severityText: textField(record, "severityText", where),
    eventName: textField(record, "eventName", where),
    body: anyValue(field(record, "body"), `${where}.body`, 0),
    attributes: attributesField(record, where),
    droppedAttributesCount: numberField(record, "droppedAttributesCount"),
    traceId: idField(record, "traceId", where),
    spanId: idField(record, "spanId", where),
    flags: numberField(record, "flags"),
  };
}

/** Log records of an ExportLogsServiceRequest in OTLP JSON. */
export function readJsonLogs(bytes: Uint8Array, onRejected?: OnRejected): OtlpLogRecord[] {
  return readJsonRequest(parseJson(bytes), {
    groups: "resourceLogs",
    scopes: "scopeLogs",
    items: "logRecords",
    readItem: readRecord,
    onRejected,
  });
}
