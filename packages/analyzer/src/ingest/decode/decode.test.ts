import { Buffer } from "node:buffer";
import { isPlumblineError, type OtlpLogRecord, type OtlpSpan } from "@plumbline/contracts";
import fc from "fast-check";
import protobuf, { type Type } from "protobufjs";
import { describe, expect, test } from "vitest";
import { decodeLogs, decodeTraces } from "./decode.ts";
import { logsRequest, traceRequest } from "./fixtures/otlp-proto.ts";

const json = "application/json";
const proto = "application/x-protobuf";
const bytesOf = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

const id = (bytes: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: bytes, maxLength: bytes });
const nanos = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const text = fc.string({ unit: "grapheme", maxLength: 12 });

/** Values in the form that protobufjs takes, with 64-bit integers as decimal text. */
const { anyValue } = fc.letrec<{ anyValue: Record<string, unknown> }>((tie) => ({
  anyValue: fc.oneof(
    { maxDepth: 3 },
    text.map((stringValue) => ({ stringValue })),
    fc.boolean().map((boolValue) => ({ boolValue })),
    int64.map((value) => ({ intValue: value.toString() })),
    fc.double().map((doubleValue) => ({ doubleValue })),
    fc.uint8Array({ maxLength: 6 }).map((bytesValue) => ({ bytesValue })),
    fc.constant({}),
    fc.array(tie("anyValue"), { maxLength: 3 }).map((values) => ({ arrayValue: { values } })),
    fc
      .array(fc.record({ key: text, value: tie("anyValue") }), { maxLength: 3 })
      .map((values) => ({ kvlistValue: { values } })),
  ),
}));
const attributes = fc.array(fc.record({ key: text, value: anyValue }), { maxLength: 4 });
const scope = fc.record({ name: text, version: text, attributes });
const count = fc.nat(4_294_967_295);

const span = fc.record({
  traceId: id(16),
  spanId: id(8),
  traceState: text,
  parentSpanId: fc.oneof(id(8), id(0)),
  name: text,
  kind: fc.nat(5),
  startTimeUnixNano: nanos.map(String),
  endTimeUnixNano: nanos.map(String),
  attributes,
  droppedAttributesCount: count,
  events: fc.array(fc.record({ timeUnixNano: nanos.map(String), name: text, attributes }), { maxLength: 2 }),
  links: fc.array(fc.record({ traceId: id(16), spanId: id(8), traceState: text, attributes }), {
    maxLength: 2,
  }),
  status: fc.record({ code: fc.nat(2), message: text }),
  flags: count,
});
const traces = fc.record({
  resourceSpans: fc.array(
    fc.record({
      resource: fc.record({ attributes }),
      scopeSpans: fc.array(fc.record({ scope, spans: fc.array(span, { maxLength: 3 }), schemaUrl: text }), {
        maxLength: 2,
      }),
      schemaUrl: text,
    }),
    { maxLength: 2 },
  ),
});
const logRecord = fc.record({
  timeUnixNano: nanos.map(String),
  observedTimeUnixNano: nanos.map(String),
  severityNumber: fc.nat(24),
  severityText: text,
  eventName: text,
  body: anyValue,
  attributes,
  droppedAttributesCount: count,
  flags: count,
  traceId: fc.oneof(id(16), id(0)),
  spanId: fc.oneof(id(8), id(0)),
});
const logs = fc.record({
  resourceLogs: fc.array(
    fc.record({
      resource: fc.record({ attributes }),
      scopeLogs: fc.array(
        fc.record({ scope, logRecords: fc.array(logRecord, { maxLength: 3 }), schemaUrl: text }),
        {
          maxLength: 2,
        },
      ),
      schemaUrl: text,
    }),
    { maxLength: 2 },
  ),
});

/** The proto3 JSON form of OTLP: hex ids, base64 bytes, 64-bit integers as text, as JSON has no NaN. */
function toOtlpJson(value: unknown, key = ""): unknown {
  if (value instanceof Uint8Array) {
    return Buffer.from(value).toString(/(?:trace|span|parentSpan)Id$/i.test(key) ? "hex" : "base64");
  }
  if (Array.isArray(value)) return value.map((item) => toOtlpJson(item));
  if (typeof value === "number" && !Number.isFinite(value)) return Number.isNaN(value) ? null : String(value);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, toOtlpJson(inner, name)]));
}

/** protobufjs takes 64-bit integers as halves. */
function withHalves(value: unknown, key = ""): unknown {
  if (typeof value === "string" && /^(?:intValue|.*UnixNano)$/.test(key)) {
    const bits = BigInt.asUintN(64, BigInt(value));
    return { low: Number(bits & 0xff_ff_ff_ffn) | 0, high: Number(bits >> 32n) | 0, unsigned: false };
  }
  if (value instanceof Uint8Array || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => withHalves(item));
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withHalves(inner, name)]));
}

const encode = (type: Type, value: object): Uint8Array =>
  type.encode(withHalves(value) as Record<string, unknown>).finish();

interface Decoder {
  type: Type;
  message: fc.Arbitrary<object>;
  decode(bytes: Uint8Array, contentType: string): (OtlpSpan | OtlpLogRecord)[];
}
const decoders: [string, Decoder][] = [
  ["traces", { type: traceRequest, message: traces, decode: decodeTraces }],
  ["logs", { type: logsRequest, message: logs, decode: decodeLogs }],
];

const bigintAsText = (_key: string, value: unknown): unknown =>
  typeof value === "bigint" ? value.toString() : value;
/** Negative zero and integral doubles look alike once they are JSON. */
const comparable = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (key, inner: unknown) => (Object.is(inner, -0) ? 0 : bigintAsText(key, inner))),
  );

describe.each(decoders)("%s", (_name, { type, message, decode }) => {
  test("a protobuf message and its JSON form say the same", () => {
    fc.assert(
      fc.property(message, (value) => {
        const fromProtobuf = decode(encode(type, value), proto);
        const fromJson = decode(bytesOf(toOtlpJson(value)), json);
        expect(comparable(fromProtobuf)).toEqual(comparable(fromJson));
      }),
    );
  });

  test("whatever protobufjs reads is read, whatever it refuses is refused with a reason", () => {
    const mutation = fc.record({ at: fc.nat(), byte: fc.nat(255), cut: fc.boolean() });
    fc.assert(
      fc.property(message, fc.array(mutation, { minLength: 1, maxLength: 4 }), (value, mutations) => {
        let bytes = encode(type, value);
        for (const { at, byte, cut } of mutations) {
          const index = at % Math.max(1, bytes.length);
          if (cut) bytes = bytes.slice(0, index);
          else bytes = bytes.map((old, position) => (position === index ? byte : old));
        }
        try {
          expect(Array.isArray(decode(bytes, proto))).toBe(true);
        } catch (error) {
          expect(isPlumblineError(error) && error.nextMove === "reject").toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  test("unknown fields are passed over", () => {
    const writer = protobuf.Writer.create()
      .uint32((77 << 3) | 2)
      .string("later version")
      .uint32((78 << 3) | 0)
      .uint32(5);
    expect(decode(writer.finish(), proto)).toEqual([]);
  });
});

test("spans agree with protobufjs field by field", () => {
  interface Oracle {
    resourceSpans: {
      scopeSpans: { spans: { name: string; traceId: Uint8Array; kind: number; flags: number }[] }[];
    }[];
  }
  fc.assert(
    fc.property(traces, (value) => {
      const bytes = encode(traceRequest, value);
      const oracle = traceRequest.toObject(traceRequest.decode(bytes), { defaults: true }) as Oracle;
      const expected = oracle.resourceSpans
        .flatMap((group) => group.scopeSpans)
        .flatMap((group) => group.spans)
        .map(({ name, traceId, kind, flags }) => [name, Buffer.from(traceId).toString("hex"), kind, flags]);
      const decoded = decodeTraces(bytes, proto);
      expect(decoded.map(({ name, traceId, kind, flags }) => [name, traceId, kind, flags])).toEqual(expected);
    }),
  );
});

const requestWith = (spanFields: object): Uint8Array =>
  bytesOf({
    resourceSpans: [
      {
        resource: { attributes: [{ key: "service.name", value: { stringValue: "shop" } }] },
        scopeSpans: [
          {
            scope: { name: "s" },
            spans: [
              { traceId: "0AF7651916CD43DD8448EB211C80319C", spanId: "b7ad6b7169203331", ...spanFields },
            ],
          },
        ],
      },
    ],
  });
const attribute = (value: unknown): unknown =>
  decodeTraces(requestWith({ attributes: [{ key: "a", value }] }), json)[0]?.attributes["a"];

test("integers come as text or as numbers, and keep their digits", () => {
  expect(attribute({ intValue: "42" })).toBe(42);
  expect(attribute({ intValue: 42 })).toBe(42);
  expect(attribute({ intValue: "9223372036854775807" })).toBe(9_223_372_036_854_775_807n);
});

test("NaN arrives as null, an empty value is null", () => {
  expect(attribute({ doubleValue: null })).toBeNaN();
  expect(attribute({})).toBeNull();
  expect(attribute(null)).toBeNull();
});

test("ids are lower-case hex, in either spelling of the field names", () => {
  expect(decodeTraces(requestWith({}), json)[0]).toMatchObject({
    traceId: "0af7651916cd43dd8448eb211c80319c",
    kind: 0,
  });
  const snake = {
    resource_spans: [
      { scope_spans: [{ spans: [{ trace_id: "AB", start_time_unix_nano: 5, kind: "SPAN_KIND_CLIENT" }] }] },
    ],
  };
  expect(decodeTraces(bytesOf(snake), json)).toMatchObject([
    { traceId: "ab", startTimeUnixNano: 5n, kind: 3 },
  ]);
});

test("spans of one scope share their origin", () => {
  const body = { resourceSpans: [{ scopeSpans: [{ scope: { name: "s" }, spans: [{}, {}] }] }] };
  const [first, second] = decodeTraces(bytesOf(body), json);
  expect(first?.origin).toBe(second?.origin);
});

test("an attribute cannot reach the prototype of others", () => {
  const body = requestWith({
    attributes: [
      {
        key: "__proto__",
        value: { kvlistValue: { values: [{ key: "polluted", value: { boolValue: true } }] } },
      },
    ],
  });
  const [span] = decodeTraces(body, json);
  expect(Object.keys(span?.attributes ?? {})).toEqual(["__proto__"]);
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
});

function lengthPrefixed(tag: number, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const head = protobuf.Writer.create().uint32(tag).uint32(bytes.length).finish();
  return new Uint8Array([...head, ...bytes]);
}

test("values nested too deeply are refused", () => {
  let value: object = { stringValue: "deep" };
  for (let depth = 0; depth < 100; depth += 1) value = { arrayValue: { values: [value] } };
  expect(() => attribute(value)).toThrow("deeper than 64");
  let nested = new Uint8Array([0x0a, 0]);
  for (let depth = 0; depth < 100; depth += 1) nested = lengthPrefixed(0x2a, lengthPrefixed(0x0a, nested));
  const attributeField = lengthPrefixed(0x4a, lengthPrefixed(0x12, nested));
  const body = [0x12, 0x12, 0x0a].reduce((inner, tag) => lengthPrefixed(tag, inner), attributeField);
  expect(() => decodeTraces(body, proto)).toThrow("deeper than 64");
});

test("an error says where", () => {
  expect(() => decodeTraces(requestWith({ name: 5 }), json)).toThrow(
    "resourceSpans[0].scopeSpans[0].spans[0].name is not a string",
  );
  expect(() => decodeTraces(new Uint8Array([0x0a, 0x05]), proto)).toThrow("at byte 2");
  expect(() => decodeTraces(new TextEncoder().encode("{"), json)).toThrow("Not a readable OTLP JSON message");
  expect(() => decodeLogs(new Uint8Array(), "text/plain")).toThrow('Content type "text/plain"');
});

test("one bad span is left out and reported, its neighbours are kept", () => {
  const good = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331", name: "good" };
  const reasons: string[] = [];
  const note = (reason: string): void => void reasons.push(reason);
  const body = { resourceSpans: [{ scopeSpans: [{ spans: [good, { ...good, name: 5 }, good] }] }] };
  expect(decodeTraces(bytesOf(body), json, note)).toHaveLength(2);
  expect(reasons).toEqual([expect.stringContaining("spans[1].name is not a string")]);

  const span = (bytes: number[]): Uint8Array => lengthPrefixed(0x12, new Uint8Array(bytes));
  const spans = new Uint8Array([
    ...span([0x2a, 1, 0x61]),
    ...span([0x2a, 9, 0x61]),
    ...span([0x2a, 1, 0x62]),
  ]);
  const decoded = decodeTraces(lengthPrefixed(0x0a, lengthPrefixed(0x12, spans)), proto, note);
  expect(decoded.map(({ name }) => name)).toEqual(["a", "b"]);
  expect(reasons).toHaveLength(2);
});

test("an empty body is an empty request", () => {
  expect(decodeTraces(new Uint8Array(), proto)).toEqual([]);
  expect(decodeTraces(bytesOf({}), "application/json; charset=utf-8")).toEqual([]);
});
