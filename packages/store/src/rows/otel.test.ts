import type { Attributes, OtlpLogRecord, OtlpOrigin, OtlpSpan } from "@plumbline/contracts";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { StoredLog, StoredSpan } from "../store.ts";
import { logMapping } from "./otel-logs.ts";
import { spanMapping } from "./otel-traces.ts";
import type { Row } from "./row.ts";

const text = fc.string({ unit: "grapheme", maxLength: 10 });
const unixNano = fc.bigInt({ min: 0n, max: 4_102_444_799_999_999_999n });
const attributes: fc.Arbitrary<Attributes> = fc.dictionary(text, text, { maxKeys: 3 });
const hex = (digits: number): fc.Arbitrary<string> =>
  fc.stringMatching(new RegExp(`^[0-9a-f]{${String(digits)}}$`));

const spanOrigin: fc.Arbitrary<OtlpOrigin> = fc.record({
  resourceAttributes: attributes,
  resourceSchemaUrl: fc.constant(""),
  scopeName: text,
  scopeVersion: text,
  scopeAttributes: fc.constant({}),
  scopeSchemaUrl: fc.constant(""),
});

/** Spans that hold nothing which the layout cannot hold. */
const span: fc.Arbitrary<OtlpSpan> = fc
  .record({
    origin: spanOrigin,
    traceId: hex(32),
    spanId: hex(16),
    parentSpanId: hex(16),
    traceState: text,
    name: text,
    kind: fc.integer({ min: 0, max: 5 }),
    startTimeUnixNano: unixNano,
    durationNano: fc.bigInt({ min: 0n, max: 2n ** 60n }),
    attributes,
    droppedAttributesCount: fc.constant(0),
    events: fc.array(fc.record({ timeUnixNano: unixNano, name: text, attributes }), { maxLength: 3 }),
    links: fc.array(fc.record({ traceId: hex(32), spanId: hex(16), traceState: text, attributes }), {
      maxLength: 3,
    }),
    status: fc.record({ code: fc.integer({ min: 0, max: 2 }), message: text }),
    flags: fc.constant(0),
  })
  .map(({ durationNano, ...rest }) => ({ ...rest, endTimeUnixNano: rest.startTimeUnixNano + durationNano }));

const log: fc.Arbitrary<OtlpLogRecord> = fc
  .record({
    origin: fc.record({
      resourceAttributes: attributes,
      resourceSchemaUrl: text,
      scopeName: text,
      scopeVersion: text,
      scopeAttributes: attributes,
      scopeSchemaUrl: text,
    }),
    timeUnixNano: fc.bigInt({ min: 1n, max: 4_102_444_799_999_999_999n }),
    severityNumber: fc.integer({ min: 0, max: 24 }),
    severityText: text,
    eventName: text,
    body: text,
    attributes,
    droppedAttributesCount: fc.constant(0),
    traceId: hex(32),
    spanId: hex(16),
    flags: fc.integer({ min: 0, max: 255 }),
  })
  .map((record) => ({ ...record, observedTimeUnixNano: record.timeUnixNano }));

const throughJson = (row: Row): Row => JSON.parse(JSON.stringify(row)) as Row;

test("every span that fits the layout comes back from its row", () => {
  fc.assert(
    fc.property(span, text, text, (given, tenantId, runId) => {
      const item: StoredSpan = { tenantId, runId, span: given };
      expect(spanMapping.fromRow(throughJson(spanMapping.toRow(item)))).toEqual(item);
    }),
  );
});

test("every log record that fits the layout comes back from its row", () => {
  fc.assert(
    fc.property(log, text, text, (given, tenantId, runId) => {
      const item: StoredLog = { tenantId, runId, log: given };
      expect(logMapping.fromRow(throughJson(logMapping.toRow(item)))).toEqual(item);
    }),
  );
});

const [plainSpan] = fc.sample(span, { numRuns: 1, seed: 1 });

test("a span out of every range is stored, and what was altered is named", () => {
  if (plainSpan === undefined) throw new Error("no sample");
  const broken: OtlpSpan = {
    ...plainSpan,
    kind: 99,
    name: "cut \ud800",
    startTimeUnixNano: 2n ** 64n - 1n,
    endTimeUnixNano: 0n,
    attributes: { "key\udc00": "value" },
    status: { code: -1, message: "" },
    events: [{ timeUnixNano: 2n ** 63n, name: "late", attributes: {} }],
  };
  const row = spanMapping.toRow({ tenantId: "", runId: "", span: broken });
  expect(row).toMatchObject({
    Timestamp: "2099-12-31T23:59:59.999999999Z",
    Duration: "0",
    SpanKind: "Unspecified",
    StatusCode: "Unset",
    SpanName: "cut \ufffd",
    SpanAttributes: { "key\ufffd": "value" },
    "Events.Timestamp": ["2099-12-31T23:59:59.999999999Z"],
  });
  expect([...(row["AlteredFields"] as string[])].sort()).toEqual([
    "Duration",
    "Events.Timestamp",
    "SpanAttributes",
    "SpanName",
    "Timestamp",
  ]);
});

test("the nested columns of events and of links have equal lengths", () => {
  fc.assert(
    fc.property(span, (given) => {
      const row = spanMapping.toRow({ tenantId: "", runId: "", span: given });
      const lengthsOf = (prefix: string): number[] =>
        Object.entries(row)
          .filter(([column]) => column.startsWith(prefix))
          .map(([, value]) => (value as unknown[]).length);
      expect(new Set(lengthsOf("Events."))).toEqual(new Set([given.events.length]));
      expect(new Set(lengthsOf("Links."))).toEqual(new Set([given.links.length]));
    }),
  );
});

test("a log record without a time takes the time it was observed", () => {
  const [record] = fc.sample(log, { numRuns: 1, seed: 1 });
  if (record === undefined) throw new Error("no sample");
  const item = { ...record, timeUnixNano: 0n, observedTimeUnixNano: 1_750_000_000_000_000_000n };
  expect(logMapping.toRow({ tenantId: "", runId: "", log: item })).toMatchObject({
    Timestamp: "2025-06-15T15:06:40.000000000Z",
    AlteredFields: [],
  });
});
