import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { createSeededRandom } from "@plumbline/contracts/testing";
import { type StoredSpan, createChdbStore } from "@plumbline/store";

/*
 * Rows per second that Store.insert brings into otel_traces of the embedded database, from spans in memory to rows that are
 * acknowledged: mapping, JSON, transfer to the database's thread and the insert itself. Run with
 * `npx node --conditions=@plumbline/source packages/store/bench/insert-spans.bench.ts [rows]`.
 */

const rows = Number(process.argv[2] ?? 40_000);
const random = createSeededRandom(1);
const words = [
  "refund",
  "order",
  "customer",
  "search",
  "status",
  "please",
  "locked",
  "retry",
  "1042",
  "total",
];
const sentence = (count: number): string =>
  Array.from({ length: count }, () => words[Math.floor(random.next() * words.length)] ?? "").join(" ");
const hex = (digits: number): string =>
  Array.from({ length: digits }, () => Math.floor(random.next() * 16).toString(16)).join("");

const origin = {
  resourceAttributes: { "service.name": "refunds", "service.instance.id": "i-1", "host.name": "a" },
  resourceSchemaUrl: "",
  scopeName: "@plumbline/instrumentation",
  scopeVersion: "0.1.0",
  scopeAttributes: {},
  scopeSchemaUrl: "",
};

function modelSpan(number: number): StoredSpan {
  const start = 1_750_000_000_000_000_000n + BigInt(number) * 1_000_000n;
  const attributes = {
    "gen_ai.operation.name": "chat",
    "gen_ai.request.model": "gpt-5-mini",
    "gen_ai.response.model": "gpt-5-mini-2025-08-07",
    "gen_ai.usage.input_tokens": 900 + (number % 300),
    "gen_ai.usage.output_tokens": 40 + (number % 50),
    "gen_ai.input.messages": JSON.stringify([
      { role: "user", parts: [{ type: "text", content: sentence(180) }] },
    ]),
    "gen_ai.output.messages": JSON.stringify([
      { role: "assistant", parts: [{ type: "text", content: sentence(50) }] },
    ]),
    "plumbline.run.id": `run-${String(Math.floor(number / 50))}`,
  };
  const span = {
    origin,
    traceId: hex(32),
    spanId: hex(16),
    parentSpanId: hex(16),
    traceState: "",
    name: "chat gpt-5-mini",
    kind: 3,
    startTimeUnixNano: start,
    endTimeUnixNano: start + 800_000_000n,
    attributes,
    droppedAttributesCount: 0,
    events: [],
    links: [],
    status: { code: 0, message: "" },
    flags: 1,
  };
  return { tenantId: "", runId: `run-${String(Math.floor(number / 50))}`, span };
}

interface Case {
  batchRows: number;
  concurrent: number;
}

const directory = mkdtempSync(join(tmpdir(), "plumbline-insert-bench-"));
const store = await createChdbStore({ directory });
await store.migrate();
const spans = Array.from({ length: rows }, (_, number) => modelSpan(number));
const meanBytes =
  spans.slice(0, 200).reduce((sum, { span }) => sum + JSON.stringify(span.attributes).length, 0) / 200;
console.log(`${String(rows)} spans, ${meanBytes.toFixed(0)} bytes of attributes each`);

async function measure({ batchRows, concurrent }: Case): Promise<void> {
  const loop = monitorEventLoopDelay({ resolution: 5 });
  const latenciesMs: number[] = [];
  let next = 0;
  async function insertOnAndOn(): Promise<void> {
    while (next < rows) {
      const from = next;
      next += batchRows;
      const beganMs = performance.now();
      await store.insert(
        "otel_traces",
        spans.slice(from, from + batchRows),
        `${String(batchRows)}x${String(concurrent)}:${String(from)}`,
      );
      latenciesMs.push(performance.now() - beganMs);
    }
  }
  loop.enable();
  const cpuBefore = process.cpuUsage();
  const beganMs = performance.now();
  await Promise.all(Array.from({ length: concurrent }, insertOnAndOn));
  const seconds = (performance.now() - beganMs) / 1000;
  const cpu = process.cpuUsage(cpuBefore);
  loop.disable();
  latenciesMs.sort((one, other) => one - other);
  const at = (share: number): string =>
    (latenciesMs[Math.min(latenciesMs.length - 1, Math.floor(latenciesMs.length * share))] ?? 0).toFixed(0);
  console.log(
    [
      `${String(batchRows)} rows x ${String(concurrent)} at once: ${(rows / seconds).toFixed(0)} rows/s`,
      `${((cpu.user + cpu.system) / rows).toFixed(0)} ms of CPU per 1000 rows`,
      `insert p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`,
      `event loop p99 ${(loop.percentile(99) / 1e6).toFixed(0)} ms, max ${(loop.max / 1e6).toFixed(0)} ms`,
      `RSS ${(process.memoryUsage.rss() / 1024 ** 2).toFixed(0)} MiB`,
    ].join("; "),
  );
}

for (const batchRows of [100, 1_000, 2_000]) {
  for (const concurrent of [1, 2]) await measure({ batchRows, concurrent });
}
await store.close();
rmSync(directory, { recursive: true });
