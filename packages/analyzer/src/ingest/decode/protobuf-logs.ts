import type { OtlpLogRecord, OtlpOrigin } from "@plumbline/contracts";
import { newAttributes } from "./attributes.ts";
import { readAnyValue, readKeyValue, readRequest } from "./protobuf-common.ts";
import type { OnRejected } from "./item-rejection.ts";
import { readFields, WireReader } from "./wire-reader.ts";

type FieldReader = (reader: WireReader, record: OtlpLogRecord, limit: number) => void;

/** By tag as on the wire: field number × 8 + wire type. */
const recordFields: Partial<Record<number, FieldReader>> = {
  0x09(reader, record) {
    record.timeUnixNano = reader.fixed64();
  },
  0x10(reader, record) {
    record.severityNumber = reader.uint32();
  },
  0x1a(reader, record, limit) {
    record.severityText = reader.string(limit);
  },
  0x2a(reader, record, limit) {
    record.body = readAnyValue(reader, reader.lengthEnd(limit), 0);
  },
  0x32(reader, record, limit) {
    readKeyValue(reader, record.attributes, { limit: reader.lengthEnd(limit), depth: 0 });
  },
  0x38(reader, record) {
    record.droppedAttributesCount = reader.uint32();
  },
  0x45(reader, record) {
    record.flags = reader.fixed32();
  },
  0x4a(reader, record, limit) {
    record.traceId = reader.hex(limit);
  },
  0x52(reader, record, limit) {
    record.spanId = reader.hex(limit);
  },
  0x59(reader, record) {
    record.observedTimeUnixNano = reader.fixed64();
  },
  0x62(reader, record, limit) {
    record.eventName = reader.string(limit);
  },
};

function readRecord(reader: WireReader, limit: number, origin: OtlpOrigin): OtlpLogRecord {
  const record: OtlpLogRecord = {
    origin,
    timeUnixNano: 0n,
    observedTimeUnixNano: 0n,
    severityNumber: 0,
    severityText: "",
    eventName: "",
    body: null,
    attributes: newAttributes(),
    droppedAttributesCount: 0,
    traceId: "",
    spanId: "",
    flags: 0,
  };
  readFields(reader, limit, (tag) => {
    const read = recordFields[tag];
    if (read === undefined) reader.skip(tag, limit);
    else read(reader, record, limit);
  });
  return record;
}

/** Log records of an ExportLogsServiceRequest. */
export function readLogs(bytes: Uint8Array, onRejected?: OnRejected): OtlpLogRecord[] {
  return readRequest(new WireReader(bytes), { readItem: readRecord, onRejected });
}
