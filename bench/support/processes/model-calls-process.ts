import { env } from "node:process";
import { logs, trace } from "@opentelemetry/api";
import { OTLPLogExporter } from "@opentelemetry/exporter-logs-otlp-http";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { OpenAIInstrumentation } from "@opentelemetry/instrumentation-openai";
import { BatchLogRecordProcessor, LoggerProvider } from "@opentelemetry/sdk-logs";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { configurePlumbline, instrumentOpenAI, shutdown, supervise } from "@plumbline/instrumentation";
import * as openai from "openai6";
import type { CallsOrder, CallsReport } from "../calls.ts";

/*
 * One variant of an application that makes model calls: bare, with the contrib instrumentation, or with ours. Counts the
 * CPU of this process over a stated number of calls, the export of their telemetry included.
 */

const { OpenAI } = openai;
const variant = env["BENCH_VARIANT"] ?? "bare";
const sinkUrl = env["BENCH_SINK_URL"] ?? "";
const messages = [
  {
    role: "system" as const,
    content: "You are a support agent. Use the tools; never invent order data. ".repeat(4),
  },
  {
    role: "user" as const,
    content: "Refund order A-1043 for customer ada@example.com and e-mail a confirmation. ".repeat(4),
  },
];

interface Subject {
  client: InstanceType<typeof OpenAI>;
  /** Waits until what was observed has been exported. */
  flush(): Promise<void>;
}

function bare(): Subject {
  const client = new OpenAI({ apiKey: "bench", baseURL: env["BENCH_MODEL_URL"], maxRetries: 0 });
  return { client, flush: () => Promise.resolve() };
}

function contrib(): Subject {
  const spans = new BatchSpanProcessor({ exporter: new OTLPTraceExporter({ url: `${sinkUrl}/v1/traces` }) });
  const records = new BatchLogRecordProcessor({
    exporter: new OTLPLogExporter({ url: `${sinkUrl}/v1/logs` }),
  });
  trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [spans] }));
  logs.setGlobalLoggerProvider(new LoggerProvider({ processors: [records] }));
  const instrumentation = new OpenAIInstrumentation({ captureMessageContent: true });
  // The package is installed here under another name than the one the instrumentation waits for.
  for (const definition of instrumentation["init"]()) definition.patch?.(openai, "6.49.0");
  return {
    ...bare(),
    flush: async () => void (await Promise.all([spans.forceFlush(), records.forceFlush()])),
  };
}

function ours(): Subject {
  const content = variant === "ours-redacted" ? "redacted" : "full";
  configurePlumbline({ endpoint: sinkUrl, controlEndpoint: "off", content, service: "bench" });
  return { client: instrumentOpenAI(bare().client), flush: () => shutdown() };
}

const subject = { bare, contrib }[variant as "bare" | "contrib"]?.() ?? ours();

async function makeCalls(calls: number): Promise<void> {
  const call = () => subject.client.chat.completions.create({ model: "plain", messages });
  const many = async (): Promise<void> => {
    for (let index = 0; index < calls; index += 1) await call();
  };
  if (!variant.startsWith("ours")) return many();
  await supervise({ name: "bench", goal: "Measure" }, many);
}

async function measure({ calls }: CallsOrder): Promise<void> {
  const before = process.cpuUsage();
  await makeCalls(calls);
  if (!variant.startsWith("ours")) await subject.flush();
  const { user, system } = process.cpuUsage(before);
  process.send?.({ cpuPerCall: (user + system) / calls } satisfies CallsReport);
}

process.on("message", (order: CallsOrder) => void measure(order));
process.once("disconnect", () => void subject.flush());
process.send?.({ cpuPerCall: 0 } satisfies CallsReport);
