import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { logs, traces } from "../receive/signal.ts";
import {
  type PlainSpan,
  decodeTraces,
  encodeLogs,
  encodeTraces,
  messages,
} from "./fixtures/otlp-messages.ts";
import { splitProtobuf } from "./split-protobuf.ts";
import type { SplitLimits } from "./split-result.ts";

const limits: SplitLimits = {
  maxRecordBytes: 1_000_000,
  maxForwardedBytes: 10_000_000,
  maxItems: 10_000,
  maxDepth: 8,
};
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const id = (length: number, fill: number): Uint8Array => new Uint8Array(length).fill(fill);
const span = (trace: number, fields: Partial<PlainSpan> = {}): PlainSpan => ({
  traceId: id(16, trace),
  spanId: id(8, 1),
  name: "chat",
  ...fields,
});
const requestOf = (spans: PlainSpan[]): Uint8Array =>
  encodeTraces({ resourceSpans: [{ scopeSpans: [{ spans }] }] });

const attributes = fc.array(
  fc.record({
    key: fc.string(),
    value: fc.oneof(
      fc.record({ stringValue: fc.string() }),
      fc.record({ doubleValue: fc.double() }),
      fc.record({ arrayValue: fc.record({ values: fc.array(fc.record({ stringValue: fc.string() })) }) }),
    ),
  }),
  { maxLength: 3 },
);
const anyBytes = fc.uint8Array({ minLength: 1, maxLength: 5 });
const anySpan = fc.record(
  {
    traceId: fc.integer({ min: 1, max: 4 }).map((trace) => id(16, trace)),
    spanId: fc.uint8Array({ minLength: 8, maxLength: 8 }).map((bytes) => bytes.with(0, 1)),
    name: fc.string(),
    attributes,
    events: fc.array(fc.record({ name: fc.string(), attributes }), { maxLength: 2 }),
    unknownField: anyBytes,
  },
  { requiredKeys: ["traceId", "spanId"] },
);
const anyRequest = fc.record({
  unknownField: anyBytes,
  resourceSpans: fc.array(
    fc.record({
      resource: fc.record({ attributes }),
      schemaUrl: fc.string(),
      unknownField: anyBytes,
      scopeSpans: fc.array(
        fc.record({
          scope: fc.record({ name: fc.string(), attributes }),
          schemaUrl: fc.string(),
          unknownField: anyBytes,
          spans: fc.array(anySpan, { maxLength: 5 }),
        }),
        { maxLength: 3 },
      ),
    }),
    { maxLength: 3 },
  ),
});

/** Every span with all that stands around it, as comparable text, under its trace. */
function spansByTrace(bytes: Uint8Array): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const { resourceSpans, ...root } = decodeTraces(bytes);
  for (const { scopeSpans, ...resource } of resourceSpans) {
    for (const { spans, ...scope } of scopeSpans) {
      for (const one of spans) {
        const encoded = hex(messages.span.encode(messages.span.fromObject(one)).finish());
        const key = hex(one.traceId);
        found.set(key, [...(found.get(key) ?? []), JSON.stringify([root, resource, scope, encoded])]);
      }
    }
  }
  return found;
}

describe("splitProtobuf", () => {
  it("lets every span out once, in order, under its trace, with resource, scope and unknown fields", () => {
    fc.assert(
      fc.property(anyRequest, (request) => {
        const body = encodeTraces(request);
        const split = splitProtobuf(body, traces, limits);
        const merged = new Map(
          split.records.map(({ key, value }) => [key, spansByTrace(value).get(key) ?? []]),
        );
        expect(merged).toEqual(spansByTrace(body));
        expect(split.records.every(({ value }) => spansByTrace(value).size === 1)).toBe(true);
        expect(split.rejections.count).toBe(0);
      }),
    );
  });

  it("keeps every record within the limit and loses nothing by it", () => {
    fc.assert(
      fc.property(anyRequest, fc.integer({ min: 600, max: 2000 }), (request, maxRecordBytes) => {
        const body = encodeTraces(request);
        const { records, accepted, rejections } = splitProtobuf(body, traces, { ...limits, maxRecordBytes });
        const counted = records.map(({ value }) => [...spansByTrace(value).values()].flat().length);
        expect(counted.reduce((sum, count) => sum + count, 0)).toBe(accepted);
        expect(accepted + rejections.count).toBe([...spansByTrace(body).values()].flat().length);
        expect(records.every(({ value }) => value.length <= maxRecordBytes)).toBe(true);
      }),
    );
  });

  it("never fails in another way than by saying that the bytes are not readable", () => {
    const mutated = fc.tuple(
      anyRequest,
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }),
      fc.nat(),
    );
    fc.assert(
      fc.property(mutated, ([request, changes, cut]) => {
        const body = encodeTraces(request);
        for (const [at, byte] of changes) if (body.length > 0) body[at % body.length] = byte;
        const bytes = body.subarray(0, body.length === 0 ? 0 : cut % (body.length + 1));
        try {
          const { accepted, records } = splitProtobuf(bytes, traces, limits);
          expect(accepted === 0).toBe(records.length === 0);
        } catch (error) {
          expect(error).toMatchObject({ nextMove: "reject" });
        }
      }),
      { numRuns: 500 },
    );
  });

  it("forwards a request of one trace unchanged", () => {
    const body = requestOf([span(1), span(1)]);
    expect(splitProtobuf(body, traces, limits).records).toEqual([{ key: "01".repeat(16), value: body }]);
  });

  it("takes an empty request", () => {
    expect(splitProtobuf(new Uint8Array(), traces, limits)).toMatchObject({ records: [], accepted: 0 });
  });

  it.each([
    ["a short trace id", { traceId: id(15, 1) }, "BAD_TRACE_ID"],
    ["no trace id", { traceId: new Uint8Array() }, "BAD_TRACE_ID"],
    ["an all-zero trace id", { traceId: id(16, 0) }, "BAD_TRACE_ID"],
    ["a long span id", { spanId: id(9, 1) }, "BAD_SPAN_ID"],
    ["a parent id of 3 bytes", { parentSpanId: id(3, 1) }, "BAD_SPAN_ID"],
    ["a value too large", { name: "x".repeat(1_000_000) }, "TOO_LARGE"],
    ["values nested too deeply", { attributes: [{ key: "a", value: nested(9) }] }, "NESTED_TOO_DEEPLY"],
  ] as const)("rejects a span with %s alone", (_, fields, code) => {
    const { accepted, records, rejections } = splitProtobuf(
      requestOf([span(1), span(2, fields), span(3)]),
      traces,
      limits,
    );
    expect(accepted).toBe(2);
    expect(records.map(({ key }) => key)).toEqual(["01".repeat(16), "03".repeat(16)]);
    expect([...rejections.byCode.keys()]).toEqual([code]);
  });

  it("survives values nested thousands deep", () => {
    const body = requestOf([span(1), span(2)]);
    const deep = deepAttribute(5000);
    const good = messages.span.encode(messages.span.fromObject(span(3))).finish();
    const hostile = Buffer.concat([good, deep]);
    const scope = Buffer.concat([field(0x12, hostile), field(0x12, good)]);
    const request = Buffer.concat([body, field(0x0a, field(0x12, scope))]);
    const { accepted, rejections } = splitProtobuf(request, traces, limits);
    expect(accepted).toBe(3);
    expect(rejections.byCode.get("NESTED_TOO_DEEPLY")?.count).toBe(1);
  });

  it("rejects the spans of a broken resource and keeps the others", () => {
    const broken = Buffer.concat([
      field(0x0a, Buffer.from([0x0a, 0x7f])),
      field(0x12, field(0x12, Buffer.from(messages.span.encode(span(2)).finish()))),
    ]);
    const request = Buffer.concat([requestOf([span(1)]), field(0x0a, broken)]);
    const { accepted, rejections } = splitProtobuf(request, traces, limits);
    expect(accepted).toBe(1);
    expect(rejections.byCode.get("UNDECODABLE")?.count).toBe(1);
  });

  it("bounds what a large resource repeated over many traces becomes", () => {
    const spans = Array.from({ length: 200 }, (_, index) => span(index + 1));
    const resource = { attributes: [{ key: "big", value: { stringValue: "x".repeat(100_000) } }] };
    const body = encodeTraces({ resourceSpans: [{ resource, scopeSpans: [{ spans }] }] });
    const { records, rejections } = splitProtobuf(body, traces, limits);
    expect(records.reduce((sum, { value }) => sum + value.length, 0)).toBeLessThanOrEqual(
      limits.maxForwardedBytes,
    );
    expect(rejections.byCode.get("TOO_MUCH")?.count).toBe(200 - records.length);
  });

  it("refuses a request of too many items as a whole", () => {
    expect(() => splitProtobuf(requestOf([span(1), span(2)]), traces, { ...limits, maxItems: 1 })).toThrow(
      /more than 1 item/,
    );
  });

  it("keys log records by trace and spreads those without one by content", () => {
    const record = (text: string, traceId: Uint8Array): object => ({ body: { stringValue: text }, traceId });
    const requestWith = (text: string): Uint8Array =>
      encodeLogs({
        resourceLogs: [
          { scopeLogs: [{ logRecords: [record("a", id(16, 7)), record(text, new Uint8Array())] }] },
        ],
      });
    const first = splitProtobuf(requestWith("b"), logs, limits).records.map(({ key }) => key);
    const second = splitProtobuf(requestWith("c"), logs, limits).records.map(({ key }) => key);
    expect(first[0]).toBe("07".repeat(16));
    expect(first[1]).toMatch(/^[0-9a-f]{32}$/);
    expect(second[1]).not.toBe(first[1]);
    expect(splitProtobuf(requestWith("b"), logs, limits).records[1]?.key).toBe(first[1]);
  });
});

function nested(depth: number): object {
  return depth === 1 ? { stringValue: "x" } : { arrayValue: { values: [nested(depth - 1)] } };
}

function field(tag: number, content: Uint8Array): Buffer {
  const length: number[] = [];
  let rest = content.length;
  for (; rest >= 0x80; rest >>>= 7) length.push((rest & 0x7f) | 0x80);
  return Buffer.concat([Buffer.from([tag, ...length, rest]), content]);
}

/** Field 9 of a span: one attribute whose value is an array in an array in an array… */
function deepAttribute(depth: number): Buffer {
  let value: Buffer = Buffer.alloc(0);
  for (let level = 0; level < depth; level += 1) value = field(0x2a, field(0x0a, value));
  return field(0x4a, field(0x12, value));
}
