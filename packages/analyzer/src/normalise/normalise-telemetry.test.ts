import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { normaliseTelemetry } from "./normalise-telemetry.ts";
import { readTelemetryFile } from "./read-telemetry-file.ts";

const bytesOf = (value: unknown): Uint8Array =>
  new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));
const attributes = (values: Record<string, string | number>): unknown[] =>
  Object.entries(values).map(([key, value]) => ({
    key,
    value: typeof value === "string" ? { stringValue: value } : { intValue: value },
  }));
const spansRequest = (...spans: unknown[]): unknown => ({ resourceSpans: [{ scopeSpans: [{ spans }] }] });

let count = 0;

/** A model call in a trace of its own. */
function modelCall(prompt: unknown[], output: unknown, seconds: number): unknown {
  count += 1;
  const id = count.toString(16);
  return {
    traceId: id.padStart(32, "0"),
    spanId: id.padStart(16, "0"),
    name: "chat",
    startTimeUnixNano: `${String(1_750_000_000 + seconds)}000000000`,
    endTimeUnixNano: `${String(1_750_000_000 + seconds)}900000000`,
    attributes: attributes({
      "gen_ai.operation.name": "chat",
      "gen_ai.request.model": "gpt-4o-mini",
      "gen_ai.input.messages": JSON.stringify(prompt),
      "gen_ai.output.messages": JSON.stringify([output]),
      "gen_ai.usage.input_tokens": 100,
      "gen_ai.usage.output_tokens": 10,
    }),
  };
}

const asked = { role: "user", parts: [{ type: "text", content: "Where is order 7?" }] };
const call = (id: string): unknown => ({
  role: "assistant",
  parts: [{ type: "tool_call", id, name: "get_order", arguments: { id: 7 } }],
});
const answer = (id: string): unknown => ({
  role: "tool",
  parts: [{ type: "tool_call_response", id, response: '{"success":false}' }],
});
const done = { role: "assistant", parts: [{ type: "text", content: "Shipped." }] };

/** Two calls and the tool call between them, asked at the given second. */
const runAt = (seconds: number, id: string): unknown[] => [
  modelCall([asked], call(id), seconds),
  modelCall([asked, call(id), answer(id)], done, seconds + 5),
];

test("telemetry of one process becomes a run with its steps", () => {
  const body = spansRequest(...runAt(0, "call_first"));
  const { runs, rejected } = normaliseTelemetry([{ name: "spans.json", bytes: bytesOf(body) }]);
  expect(rejected).toEqual([]);
  expect(runs).toMatchObject([
    {
      goal: "Where is order 7?",
      dialects: ["genai"],
      llm_calls: 2,
      tool_calls: 1,
      tool_names: ["get_order"],
      usage: { input_tokens: 200, output_tokens: 20, estimated: false },
      unpriced_calls: 0,
      steps: [
        { kind: "model" },
        { kind: "tool", args: '{"id":7}', outcome: "hidden-error", synthetic: true },
        { kind: "model" },
      ],
    },
  ]);
  expect(runs[0]?.cost_usd).toBeCloseTo((200 * 0.15 + 20 * 0.6) / 1e6);
});

test("two runs that ask the same at the same time stay two", () => {
  const interleaved = [runAt(0, "call_first"), runAt(1, "call_second")].flat();
  const { runs } = normaliseTelemetry([{ name: "spans.json", bytes: bytesOf(spansRequest(...interleaved)) }]);
  expect(runs.map((run) => [run.llm_calls, run.tool_calls])).toEqual([
    [2, 1],
    [2, 1],
  ]);
});

test("one bad span is left out with a reason, the rest is kept", () => {
  const bad = {
    name: "chat",
    traceId: "zz".repeat(16).replaceAll("z", "0"),
    spanId: "1",
    attributes: attributes({ "gen_ai.operation.name": "chat" }),
  };
  const { runs, rejected } = normaliseTelemetry([
    { name: "a", bytes: bytesOf(spansRequest(bad, ...runAt(0, "call_x"))) },
  ]);
  expect(runs).toHaveLength(1);
  expect(rejected).toEqual([expect.stringContaining('Span "chat" has the trace id')]);
});

test("a file may be gzipped, or hold one request a line", () => {
  const request = JSON.stringify(spansRequest(...runAt(0, "call_x")));
  expect(readTelemetryFile({ name: "a.gz", bytes: gzipSync(request) }).spans).toHaveLength(2);
  expect(
    readTelemetryFile({ name: "a.jsonl", bytes: bytesOf(`${request}\n${request}\n`) }).spans,
  ).toHaveLength(4);
});

test("a file that is no telemetry is refused by name", () => {
  expect(() => readTelemetryFile({ name: "notes.txt", bytes: bytesOf("hello") })).toThrow(
    "notes.txt: Not a readable OTLP",
  );
  expect(() => readTelemetryFile({ name: "cut.gz", bytes: gzipSync("{}").subarray(0, 12) })).toThrow(
    "cut.gz is not readable gzip",
  );
});
