import type { OtlpOrigin, OtlpSpan, OtlpSpanEvent, OtlpSpanLink, OtlpStatus } from "@plumbline/contracts";
import { newAttributes } from "./attributes.ts";
import { readKeyValue, readRequest } from "./protobuf-common.ts";
import type { OnRejected } from "./item-rejection.ts";
import { readFields, WireReader } from "./wire-reader.ts";

function readEvent(reader: WireReader, limit: number): OtlpSpanEvent {
  const event: OtlpSpanEvent = { timeUnixNano: 0n, name: "", attributes: newAttributes() };
  readFields(reader, limit, (tag) => {
    if (tag === 0x09) event.timeUnixNano = reader.fixed64();
    else if (tag === 0x12) event.name = reader.string(limit);
    else if (tag === 0x1a)
      readKeyValue(reader, event.attributes, { limit: reader.lengthEnd(limit), depth: 0 });
    else reader.skip(tag, limit);
  });
  return event;
}

function readLink(reader: WireReader, limit: number): OtlpSpanLink {
  const link: OtlpSpanLink = { traceId: "", spanId: "", traceState: "", attributes: newAttributes() };
  readFields(reader, limit, (tag) => {
    if (tag === 0x0a) link.traceId = reader.hex(limit);
    else if (tag === 0x12) link.spanId = reader.hex(limit);
    else if (tag === 0x1a) link.traceState = reader.string(limit);
    else if (tag === 0x22)
      readKeyValue(reader, link.attributes, { limit: reader.lengthEnd(limit), depth: 0 });
    else reader.skip(tag, limit);
  });
  return link;
}

function readStatus(reader: WireReader, limit: number): OtlpStatus {
  const status: OtlpStatus = { code: 0, message: "" };
  readFields(reader, limit, (tag) => {
    if (tag === 0x12) status.message = reader.string(limit);
    else if (tag === 0x18) status.code = reader.uint32();
    else reader.skip(tag, limit);
  });
  return status;
}

function readSpanField(
  reader: WireReader,
  span: OtlpSpan,
  { tag, limit }: { tag: number; limit: number },
): void {
  const read = spanFields[tag];
  if (read === undefined) reader.skip(tag, limit);
  else read(reader, span, limit);
}

type FieldReader = (reader: WireReader, span: OtlpSpan, limit: number) => void;

/** By tag as on the wire: field number × 8 + wire type. */
const spanFields: Partial<Record<number, FieldReader>> = {
  0x0a(reader, span, limit) {
    span.traceId = reader.hex(limit);
  },
  0x12(reader, span, limit) {
    span.spanId = reader.hex(limit);
  },
  0x1a(reader, span, limit) {
    span.traceState = reader.string(limit);
  },
  0x22(reader, span, limit) {
    span.parentSpanId = reader.hex(limit);
  },
  0x2a(reader, span, limit) {
    span.name = reader.string(limit);
  },
  0x30(reader, span) {
    span.kind = reader.uint32();
  },
  0x39(reader, span) {
    span.startTimeUnixNano = reader.fixed64();
  },
  0x41(reader, span) {
    span.endTimeUnixNano = reader.fixed64();
  },
  0x4a(reader, span, limit) {
    readKeyValue(reader, span.attributes, { limit: reader.lengthEnd(limit), depth: 0 });
  },
  0x50(reader, span) {
    span.droppedAttributesCount = reader.uint32();
  },
  0x5a(reader, span, limit) {
    span.events.push(readEvent(reader, reader.lengthEnd(limit)));
  },
  0x6a(reader, span, limit) {
    span.links.push(readLink(reader, reader.lengthEnd(limit)));
  },
  0x7a(reader, span, limit) {
    span.status = readStatus(reader, reader.lengthEnd(limit));
  },
  0x85(reader, span) {
    span.flags = reader.fixed32();
  },
};

function readSpan(reader: WireReader, limit: number, origin: OtlpOrigin): OtlpSpan {
  const span: OtlpSpan = {
    origin,
    traceId: "",
    spanId: "",
    parentSpanId: "",
    traceState: "",
    name: "",
    kind: 0,
    startTimeUnixNano: 0n,
    endTimeUnixNano: 0n,
    attributes: newAttributes(),
    droppedAttributesCount: 0,
    events: [],
    links: [],
    status: { code: 0, message: "" },
    flags: 0,
  };
  readFields(reader, limit, (tag) => {
    readSpanField(reader, span, { tag, limit });
  });
  return span;
}

/** Spans of an ExportTraceServiceRequest. */
export function readTraces(bytes: Uint8Array, onRejected?: OnRejected): OtlpSpan[] {
  return readRequest(new WireReader(bytes), { readItem: readSpan, onRejected });
}
