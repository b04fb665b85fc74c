/** A decoded OTLP AnyValue. 64-bit integers outside the safe range stay bigint. */
export type AttributeValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | Uint8Array
  | AttributeValue[]
  | { [key: string]: AttributeValue };

export type Attributes = Record<string, AttributeValue>;

/** Resource and scope as they stood around a span or log record; shared between the records of one request. */
export interface OtlpOrigin {
  resourceAttributes: Attributes;
  resourceSchemaUrl: string;
  scopeName: string;
  scopeVersion: string;
  scopeAttributes: Attributes;
  scopeSchemaUrl: string;
}

export interface OtlpSpanEvent {
  timeUnixNano: bigint;
  name: string;
  attributes: Attributes;
}

export interface OtlpSpanLink {
  traceId: string;
  spanId: string;
  traceState: string;
  attributes: Attributes;
}

/** Status codes of OTLP: 0 unset, 1 ok, 2 error. */
export interface OtlpStatus {
  code: number;
  message: string;
}

/** One span as it came over the wire. Ids are lower-case hex, empty when absent. */
export interface OtlpSpan {
  origin: OtlpOrigin;
  traceId: string;
  spanId: string;
  parentSpanId: string;
  traceState: string;
  name: string;
  /** 0 unspecified, 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  kind: number;
  startTimeUnixNano: bigint;
  endTimeUnixNano: bigint;
  attributes: Attributes;
  droppedAttributesCount: number;
  events: OtlpSpanEvent[];
  links: OtlpSpanLink[];
  status: OtlpStatus;
  flags: number;
}

/** One log record as it came over the wire. */
export interface OtlpLogRecord {
  origin: OtlpOrigin;
  timeUnixNano: bigint;
  observedTimeUnixNano: bigint;
  severityNumber: number;
  severityText: string;
  eventName: string;
  body: AttributeValue;
  attributes: Attributes;
  droppedAttributesCount: number;
  traceId: string;
  spanId: string;
  flags: number;
}
