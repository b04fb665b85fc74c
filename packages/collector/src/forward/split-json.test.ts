import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { logs, traces } from "../receive/signal.ts";
import { splitJson } from "./split-json.ts";
import type { SplitLimits } from "./split-result.ts";

const limits: SplitLimits = {
  maxRecordBytes: 100_000,
  maxForwardedBytes: 1_000_000,
  maxItems: 1000,
  maxDepth: 8,
};
const traceId = (index: number): string => index.toString(16).padStart(32, "0");
const span = (trace: number, fields: object = {}): object => ({
  traceId: traceId(trace),
  spanId: "00f067aa0ba902b7",
  name: "chat",
  ...fields,
});
const body = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const requestOf = (spans: object[]): Buffer =>
  body({ resourceSpans: [{ resource: { attributes: [] }, scopeSpans: [{ scope: { name: "s" }, spans }] }] });
const split = (bytes: Buffer) => splitJson(bytes, traces, limits);
const decode = (value: Uint8Array): unknown => JSON.parse(Buffer.from(value).toString("utf8"));

const json = fc.jsonValue({ maxDepth: 3 });
const anyRequest = fc.record({
  future: json,
  resourceSpans: fc.array(
    fc.record({
      resource: fc.record({ future: json }),
      future: json,
      scopeSpans: fc.array(
        fc.record({
          scope: fc.record({ name: fc.string({ unit: "binary" }) }),
          future: json,
          spans: fc.array(
            fc.record({
              traceId: fc.integer({ min: 1, max: 4 }).map(traceId),
              spanId: fc.constant("00f067aa0ba902b7"),
              name: fc.string({ unit: "binary" }),
              future: json,
            }),
            { maxLength: 4 },
          ),
        }),
        { maxLength: 3 },
      ),
    }),
    { maxLength: 3 },
  ),
});

interface Request {
  resourceSpans: { scopeSpans: { spans: { traceId: string }[] }[] }[];
}

function spansByTrace(request: Request): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const { resourceSpans, ...root } = request;
  for (const { scopeSpans, ...resource } of resourceSpans) {
    for (const { spans, ...scope } of scopeSpans) {
      for (const one of spans) {
        found.set(one.traceId, [
          ...(found.get(one.traceId) ?? []),
          JSON.stringify([root, resource, scope, one]),
        ]);
      }
    }
  }
  return found;
}

describe("splitJson", () => {
  it("lets every span out once, in order, under its trace, with all that stands around it", () => {
    fc.assert(
      fc.property(anyRequest, (request) => {
        const { records, rejections } = split(body(request));
        const sent = JSON.parse(JSON.stringify(request)) as Request;
        const merged = new Map(
          records.map(({ key, value }) => [key, spansByTrace(decode(value) as Request).get(key)]),
        );
        expect(merged).toEqual(spansByTrace(sent));
        expect(rejections.count).toBe(0);
      }),
    );
  });

  it("never fails in another way than by saying what is wrong", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string().map((text) => Buffer.from(text)),
          json.map(body),
          json.map((value) => body({ resourceSpans: value })),
        ),
        (bytes) => {
          try {
            split(bytes);
          } catch (error) {
            expect(error).toMatchObject({ nextMove: "reject" });
          }
        },
      ),
    );
  });

  it("keeps lone surrogates, NUL and unknown enum values for the analyzer to judge", () => {
    const bytes = Buffer.from(
      requestOf([span(1, { name: "SURROGATE", kind: 99, status: { code: 77 } }), span(2)])
        .toString()
        .replace("SURROGATE", String.raw`\ud800 \u0000`),
    );
    const [first] = split(bytes).records;
    expect(decode(first?.value ?? new Uint8Array())).toMatchObject({
      resourceSpans: [{ scopeSpans: [{ spans: [{ name: "\ud800 \0", kind: 99, status: { code: 77 } }] }] }],
    });
  });

  it("takes upper-case ids and keys by lower case", () => {
    expect(split(requestOf([span(1, { traceId: "ABCDEF".padEnd(32, "0") })])).records[0]?.key).toBe(
      "abcdef".padEnd(32, "0"),
    );
  });

  it.each([
    ["a short trace id", { traceId: "abc" }, "BAD_TRACE_ID"],
    ["a trace id that is no hex", { traceId: "z".repeat(32) }, "BAD_TRACE_ID"],
    ["a number for a span id", { spanId: 7 }, "BAD_SPAN_ID"],
    ["attributes that are no list", { attributes: {} }, "UNDECODABLE"],
    ["an attribute key that is no string", { attributes: [{ key: 1 }] }, "UNDECODABLE"],
    ["a value that is no object", { attributes: [{ key: "a", value: "b" }] }, "UNDECODABLE"],
    ["a time that is no number", { startTimeUnixNano: "NaN" }, "UNDECODABLE"],
    ["broken attributes in an event", { events: [{ attributes: [null] }] }, "UNDECODABLE"],
    ["values nested too deeply", { attributes: [{ key: "a", value: nested(9) }] }, "NESTED_TOO_DEEPLY"],
    ["a value too large", { name: "é".repeat(60_000) }, "TOO_LARGE"],
  ])("rejects a span with %s alone", (_, fields, code) => {
    const { accepted, records, rejections } = split(requestOf([span(1), span(2, fields), span(3)]));
    expect(accepted).toBe(2);
    expect(records.map(({ key }) => key)).toEqual([traceId(1), traceId(3)]);
    expect([...rejections.byCode.keys()]).toEqual([code]);
  });

  it.each([
    ["text", "hello"],
    ["NaN", '{"resourceSpans": NaN}'],
    ["a list", "[]"],
    ["null", "null"],
    ["resourceSpans of numbers", '{"resourceSpans":[1]}'],
    ["spans that are no list", '{"resourceSpans":[{"scopeSpans":[{"spans":"x"}]}]}'],
    ["a million brackets", "[".repeat(1_000_000)],
    ["a hundred thousand objects in each other", '{"a":'.repeat(100_000)],
  ])("refuses %s", (_, text) => {
    expect(() => split(Buffer.from(text))).toThrow(/OTLP|JSON/);
  });

  it("says so when nothing was read", () => {
    expect(split(body({ resource_spans: [] })).warning).toContain("resourceSpans");
    expect(split(body({})).warning).toBe("");
  });

  it("keys log records by trace and those without one by content", () => {
    const record = { body: { stringValue: "a" } };
    const bytes = body({
      resourceLogs: [{ scopeLogs: [{ logRecords: [{ ...record, traceId: traceId(5) }, record] }] }],
    });
    const keys = splitJson(bytes, logs, limits).records.map(({ key }) => key);
    expect(keys[0]).toBe(traceId(5));
    expect(keys[1]).toMatch(/^[0-9a-f]{32}$/);
  });
});

function nested(depth: number): object {
  return depth === 1
    ? { stringValue: "x" }
    : { kvlistValue: { values: [{ key: "k", value: nested(depth - 1) }] } };
}
