import type { OtlpOrigin, OtlpSpan, OtlpSpanEvent, OtlpSpanLink } from "@plumbline/contracts";
import {
  attributesField,
  field,
  idField,
  isObject,
  type JsonObject,
  listField,
  nanosField,
  numberField,
  objectAt,
  parseJson,
  readJsonRequest,
  textField,
} from "./json-common.ts";
import type { OnRejected } from "./item-rejection.ts";

const kinds = [
  "SPAN_KIND_UNSPECIFIED",
  "SPAN_KIND_INTERNAL",
  "SPAN_KIND_SERVER",
  "SPAN_KIND_CLIENT",
  "SPAN_KIND_PRODUCER",
  "SPAN_KIND_CONSUMER",
];
const statusCodes = ["STATUS_CODE_UNSET", "STATUS_CODE_OK", "STATUS_CODE_ERROR"];

function readEvent(value: unknown, where: string): OtlpSpanEvent {
  const event = objectAt(value, where);
  return {
    timeUnixNano: nanosField(event, "timeUnixNano", where),
    name: textField(event, "name", where),
    attributes: attributesField(event, where),
  };
}

function readLink(value: unknown, where: string): OtlpSpanLink {
  const link = objectAt(value, where);
  return {
    traceId: idField(link, "traceId", where),
    spanId: idField(link, "spanId", where),
    traceState: textField(link, "traceState", where),
    attributes: attributesField(link, where),
  };
}

function readSpan(span: JsonObject, origin: OtlpOrigin, where: string): OtlpSpan {
  const status = field(span, "status");
  return {
    origin,
    traceId: idField(span, "traceId", where),
    spanId: idField(span, "spanId", where),
    parentSpanId: idField(span, "parentSpanId", where),
    traceState: textField(span, "traceState", where),
    name: textField(span, "name", where),
    kind: numberField(span, "kind", kinds),
    startTimeUnixNano: nanosField(span, "startTimeUnixNano", where),
    endTimeUnixNano: nanosField(span, "endTimeUnixNano", where),
    attributes: attributesField(span, where),
    droppedAttributesCount: numberField(span, "droppedAttributesCount"),
    events: listField(span, "events", where).map((event) => readEvent(event, `${where}.events`)),
    links: listField(span, "links", where).map((link) => readLink(link, `${where}.links`)),
    status: isObject(status)
      ? {
          code: numberField(status, "code", statusCodes),
          message: textField(status, "message", `${where}.status`),
        }
      : { code: 0, message: "" },
    flags: numberField(span, "flags"),
  };
}

/** Spans of an ExportTraceServiceRequest in OTLP JSON. */
export function readJsonTraces(bytes: Uint8Array, onRejected?: OnRejected): OtlpSpan[] {
  return readJsonRequest(parseJson(bytes), {
    groups: "resourceSpans",
    scopes: "scopeSpans",
    items: "spans",
    readItem: readSpan,
    onRejected,
  });
}
