import {
  oncePerObject,
  type Attributes,
  derivedId,
  findingScopeName,
  otel,
  type OtlpLogRecord,
  type OtlpOrigin,
  type OtlpSpan,
  plumblineAttribute,
  RejectedError,
  type SourceCoordinates,
} from "@plumbline/contracts";
import { jsonOf } from "../../json-of.ts";
import { jsonTextOf, textOf } from "./attribute-access.ts";
import { conversationIdOf } from "./conversation.ts";
import type { Identification } from "./dialect.ts";
import type { ObservationDraft } from "./draft.ts";
import { hintsOfContent } from "./hints.ts";
import type { ObservationContent } from "./observation-content.ts";
import { withoutRedacted } from "./redacted.ts";
import { dialects } from "./registry.ts";
import { contentOfReading } from "./reading-content.ts";
import { logTimeMs, spanTimes } from "./times.ts";

/** Where a record was received and from whom. */
export interface RecordContext {
  tenantId: string;
  principal: string;
  source: SourceCoordinates;
}

const traceIdPattern = /^(?!0{32})[0-9a-f]{32}$/;
const spanIdPattern = /^(?!0{16})[0-9a-f]{16}$/;

function checkIds(traceId: string, spanId: string, what: string): void {
  if (traceIdPattern.test(traceId) && spanIdPattern.test(spanId)) return;
  throw new RejectedError(`${what} has the trace id "${traceId}" and the span id "${spanId}".`, {
    code: "OTLP_ID_INVALID",
    mend: "A trace id has 16 bytes, a span id 8, and neither is all zero.",
  });
}

interface Place {
  origin: OtlpOrigin;
  dialect: string;
  traceId: string;
  spanId: string;
  parentSpanId: string;
  atMs: number;
}

/** Attributes that tell one process of a service from another. */
const processAttributes = [otel.serviceName, otel.serviceInstanceId, "host.name", "process.pid"];

/** Records of one request share their origin. */
const processOf = oncePerObject(({ resourceAttributes }: OtlpOrigin): string =>
  processAttributes.map((name) => jsonTextOf(resourceAttributes[name]) ?? "").join("|"),
);

interface Placed {
  content: ObservationContent;
  /** All contents of the same record. */
  siblings: readonly ObservationContent[];
  observationId: string;
  place: Place;
  identification: Identification;
  context: RecordContext;
}

function draftOf({
  content,
  siblings,
  observationId,
  place,
  identification,
  context,
}: Placed): ObservationDraft {
  const { origin, dialect, ...position } = place;
  const hints = hintsOfContent(content, { identification, process: processOf(origin), siblings });
  const runId = identification.runId ?? textOf(origin.resourceAttributes, plumblineAttribute.runId);
  return {
    observation: {
      ...position,
      ...content,
      version: 1,
      observationId,
      tenantId: context.tenantId,
      principal: context.principal,
      source: context.source,
      dialect,
      service: textOf(origin.resourceAttributes, otel.serviceName) ?? "",
      agentName: identification.agentName ?? "",
    },
    hints: { ...hints, runId: runId ?? null },
  };
}

/** The record without what its emitter hid. */
function readable<Told extends { attributes: Attributes }>(told: Told): Told {
  const attributes = withoutRedacted(told.attributes);
  return attributes === told.attributes ? told : { ...told, attributes };
}

/**
 * What a span says, in neutral terms; undefined when no dialect knows it, when it is known to be noise, or when the
 * analyzer wrote it itself.
 * @throws RejectedError when its ids are not ids
 */
export function recogniseSpan(told: OtlpSpan, context: RecordContext): ObservationDraft | undefined {
  if (told.origin.scopeName === findingScopeName) return undefined;
  const span = readable(told);
  for (const dialect of dialects) {
    const reading = dialect.readSpan?.(span);
    if (reading === undefined) continue;
    if (reading.kind === "noise") return undefined;
    checkIds(span.traceId, span.spanId, `Span "${span.name}"`);
    const { traceId, spanId, parentSpanId, origin } = span;
    const { endMs } = spanTimes(span);
    return draftOf({
      content: contentOfReading(reading, span),
      siblings: [],
      observationId: `s-${traceId}.${spanId}`,
      place: { origin, dialect: dialect.name, traceId, spanId, parentSpanId, atMs: endMs },
      identification: {
        ...reading,
        conversationId: reading.conversationId ?? conversationIdOf(span.attributes),
        runId: reading.runId ?? textOf(span.attributes, plumblineAttribute.runId),
      },
      context,
    });
  }
  return undefined;
}

function logRecordId(record: OtlpLogRecord, tenantId: string): string {
  const { traceId, spanId, eventName, timeUnixNano, body, attributes } = record;
  return derivedId("l", [
    tenantId,
    traceId,
    spanId,
    eventName,
    timeUnixNano.toString(),
    jsonOf([body, attributes]),
  ]);
}

/**
 * What a log record says; empty when no dialect knows it.
 * @throws RejectedError when a record of ours does not fit its schema
 */
export function recogniseLog(told: OtlpLogRecord, context: RecordContext): ObservationDraft[] {
  if (told.origin.scopeName === findingScopeName) return [];
  const record = readable(told);
  for (const dialect of dialects) {
    const reading = dialect.readLog?.(record);
    if (reading === undefined) continue;
    const { traceId, spanId, origin } = record;
    const id = logRecordId(told, context.tenantId);
    const place = {
      origin,
      dialect: dialect.name,
      traceId,
      spanId,
      parentSpanId: "",
      atMs: logTimeMs(record),
    };
    return reading.contents.map((content, index) =>
      draftOf({
        content,
        siblings: reading.contents,
        observationId: index === 0 ? id : `${id}.${String(index)}`,
        place,
        identification: {
          ...reading,
          conversationId: reading.conversationId ?? conversationIdOf(record.attributes),
        },
        context,
      }),
    );
  }
  return [];
}
