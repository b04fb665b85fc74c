import { createHash } from "node:crypto";
import protobuf from "protobufjs";

/*
 * GenAI spans of healthy agents as OTLP protobuf: runs of several turns, a model call and a tool call each, current GenAI
 * conventions with messages, every call about another order. Written with the wire format's writer, so that five
 * thousand a second cost their sender little.
 */

const resultLine =
  "Headphones, delivered on time, invoice sent, no complaint so far, warranty for two years. ";

type Attribute = readonly [key: string, value: string | number];

function writeAttribute(writer: protobuf.Writer, field: number, [key, value]: Attribute): void {
  writer.uint32(tag(field, 2)).fork().uint32(tag(1, 2)).string(key).uint32(tag(2, 2)).fork();
  if (typeof value === "string") writer.uint32(tag(1, 2)).string(value);
  else writer.uint32(tag(3, 0)).int64(value);
  writer.ldelim().ldelim();
}

const tag = (field: number, wireType: number): number => (field << 3) | wireType;

interface SpanFacts {
  traceId: Buffer;
  spanId: Buffer;
  parentSpanId: Buffer | null;
  name: string;
  startMs: number;
  endMs: number;
  attributes: readonly Attribute[];
}

function writeNanos(writer: protobuf.Writer, field: number, timeMs: number): void {
  const nanos = BigInt(Math.round(timeMs)) * 1_000_000n;
  const low = Number(nanos & 0xff_ff_ff_ffn);
  const high = Number(nanos >> 32n);
  writer.uint32(tag(field, 1)).fixed64({ low, high, unsigned: true });
}

function writeSpan(writer: protobuf.Writer, span: SpanFacts): void {
  writer.uint32(tag(2, 2)).fork();
  writer.uint32(tag(1, 2)).bytes(span.traceId).uint32(tag(2, 2)).bytes(span.spanId);
  if (span.parentSpanId !== null) writer.uint32(tag(4, 2)).bytes(span.parentSpanId);
  writer.uint32(tag(5, 2)).string(span.name).uint32(tag(6, 0)).int32(3);
  writeNanos(writer, 7, span.startMs);
  writeNanos(writer, 8, span.endMs);
  for (const attribute of span.attributes) writeAttribute(writer, 9, attribute);
  writer.ldelim();
}

function idOf(source: Buffer, run: number, index: number): Buffer {
  const id = Buffer.from(source);
  const bytes = id.length;
  id.writeUInt32BE(run >>> 0, 0);
  id.writeUInt32BE((index + 1) >>> 0, bytes - 4);
  return id;
}

const text = (role: string, content: string): object => ({ role, parts: [{ type: "text", content }] });
const orderOf = (run: number, turn: number): string => `O-${String(run)}-${String(turn * 7 + 100)}`;
const callIdOf = (run: number, turn: number): string => `call_bench_${String(run)}_${String(turn)}`;
const resultOf = (run: number, turn: number): string =>
  JSON.stringify({
    order: orderOf(run, turn),
    state: turn % 2 === 0 ? "sent" : "open",
    note: resultLine + String(run * 31 + turn * 17),
  });

function requestOf(run: number, turn: number): object {
  const {
    id,
    name,
    arguments: args,
  } = { id: callIdOf(run, turn), name: "get_order", arguments: { id: orderOf(run, turn) } };
  return { role: "assistant", parts: [{ type: "tool_call", id, name, arguments: args }] };
}

function responseTo(run: number, turn: number): object {
  const parts = [{ type: "tool_call_response", id: callIdOf(run, turn), response: resultOf(run, turn) }];
  return { role: "tool", parts };
}

function modelAttributes(prefix: string, run: number, turn: number): Attribute[] {
  const history = [
    text("user", `Check the orders of customer ${prefix}${String(run)} and report the open ones.`),
  ];
  for (let earlier = 0; earlier < turn; earlier += 1)
    history.push(requestOf(run, earlier), responseTo(run, earlier));
  return [
    ["gen_ai.operation.name", "chat"],
    ["gen_ai.provider.name", "openai"],
    ["gen_ai.request.model", "gpt-4o-mini"],
    ["gen_ai.response.model", "gpt-4o-mini-2024-07-18"],
    ["gen_ai.conversation.id", `${prefix}${String(run)}`],
    ["gen_ai.usage.input_tokens", 200 + turn * 60],
    ["gen_ai.usage.output_tokens", 25],
    ["gen_ai.input.messages", JSON.stringify(history)],
    ["gen_ai.output.messages", JSON.stringify([requestOf(run, turn)])],
  ];
}

function toolAttributes(prefix: string, run: number, turn: number): Attribute[] {
  return [
    ["gen_ai.operation.name", "execute_tool"],
    ["gen_ai.tool.name", "get_order"],
    ["gen_ai.tool.call.id", callIdOf(run, turn)],
    ["gen_ai.conversation.id", `${prefix}${String(run)}`],
    ["gen_ai.tool.call.arguments", JSON.stringify({ id: orderOf(run, turn) })],
    ["gen_ai.tool.call.result", resultOf(run, turn)],
  ];
}

/** Makes export requests without end; `prefix` tells the runs of one source from another's. */
export interface SpanSource {
  /** One request with that many spans that end about `nowMs`; spans of many runs side by side, as from a busy server. */
  next(spans: number, nowMs: number): Uint8Array;
}

interface SpanSourceOptions {
  /** Turns of a run: a model call and a tool call each, and the outermost span behind them. */
  turns?: number;
  /** Runs whose spans come side by side. */
  runsAtOnce?: number;
}

export const spansPerRun = (turns: number): number => turns * 2 + 1;

export function createSpanSource(prefix: string, options: SpanSourceOptions = {}): SpanSource {
  const { turns = 10, runsAtOnce = 200 } = options;
  const spans = spansPerRun(turns);
  let made = 0;
  const digest = createHash("sha256").update(prefix).digest();
  const traceSource = digest.subarray(0, 16);
  const spanSource = digest.subarray(16, 24);
  function spanAt(number: number, nowMs: number): SpanFacts {
    const wave = Math.floor(number / (runsAtOnce * spans));
    const within = number % (runsAtOnce * spans);
    const run = wave * runsAtOnce + (within % runsAtOnce);
    const index = Math.floor(within / runsAtOnce);
    const turn = index >> 1;
    const common = {
      traceId: idOf(traceSource, run, 0),
      spanId: idOf(spanSource, run, index),
      startMs: nowMs - 20,
      endMs: nowMs,
    };
    const root = idOf(spanSource, run, spans - 1);
    if (index === spans - 1)
      return {
        ...common,
        parentSpanId: null,
        name: "invoke_agent checker",
        attributes: [
          ["gen_ai.operation.name", "invoke_agent"],
          ["gen_ai.agent.name", "checker"],
          ["gen_ai.conversation.id", `${prefix}${String(run)}`],
        ],
      };
    return index % 2 === 0
      ? {
          ...common,
          parentSpanId: root,
          name: "chat gpt-4o-mini",
          attributes: modelAttributes(prefix, run, turn),
        }
      : {
          ...common,
          parentSpanId: root,
          name: "execute_tool get_order",
          attributes: toolAttributes(prefix, run, turn),
        };
  }
  return {
    next(count, nowMs) {
      const writer = protobuf.Writer.create();
      writer.uint32(tag(1, 2)).fork().uint32(tag(1, 2)).fork();
      writeAttribute(writer, 1, ["service.name", "checkout"]);
      writer
        .ldelim()
        .uint32(tag(2, 2))
        .fork()
        .uint32(tag(1, 2))
        .fork()
        .uint32(tag(1, 2))
        .string("bench")
        .ldelim();
      for (let index = 0; index < count; index += 1) writeSpan(writer, spanAt(made + index, nowMs));
      made += count;
      return writer.ldelim().ldelim().finish();
    },
  };
}
