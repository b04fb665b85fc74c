import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { env } from "node:process";
import { configurePlumbline, type Run, shutdown, supervise } from "@plumbline/instrumentation";
import { z } from "zod";
import type { OverheadOrder, OverheadReport } from "../tool-overhead.ts";

/* One variant of an agent that calls tools which answer at once: bare, supervised with the guards off, with everything. */

const variant = env["BENCH_VARIANT"] ?? "bare";
const toolNames = ["find_orders", "read_order", "list_notes", "check_stock", "quote_price", "read_terms"];
const parameters = z.object({ customer: z.string() });

function answer(name: string, customer: string): Promise<object> {
  return Promise.resolve({ name, customer, total: customer.length, state: "paid" });
}

if (variant !== "bare") {
  configurePlumbline({
    endpoint: env["BENCH_SINK_URL"] ?? "",
    controlEndpoint: "off",
    dataDirectory: mkdtempSync(join(tmpdir(), "plumbline-bench-")),
    service: "bench",
    checkpoints: "off",
    guards: variant === "guards-off" ? "off" : "on",
  });
}

const nameOf = (index: number, tools: number): string => toolNames[index % tools] ?? "";
const argumentsOf = (index: number): string =>
  JSON.stringify({ customer: `c${String(index * 7919)}@example.com` });

async function bareCalls({ calls, tools }: OverheadOrder): Promise<void> {
  for (let index = 0; index < calls; index += 1) {
    const { customer } = parameters.parse(JSON.parse(argumentsOf(index)));
    JSON.stringify(await answer(nameOf(index, tools), customer));
  }
}

async function supervisedCalls(run: Run, { calls, tools }: OverheadOrder): Promise<void> {
  for (let index = 0; index < calls; index += 1) {
    const call = { name: nameOf(index, tools), arguments: argumentsOf(index) };
    await run.execute([{ id: `c-${String(index)}`, type: "function", function: call }]);
  }
}

function register(run: Run): void {
  for (const name of toolNames)
    run.tool({ name, parameters, risk: "safe", execute: ({ customer }) => answer(name, customer) });
}

async function measure(order: OverheadOrder): Promise<void> {
  const budget = { steps: 1e9, toolCalls: 1e9, wallTimeMs: 1e12 };
  const work = async (): Promise<void> => {
    if (variant === "bare") return bareCalls(order);
    return supervise({ name: "bench", goal: "Measure", budget }, (run) => {
      register(run);
      return supervisedCalls(run, order);
    });
  };
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  await work();
  const microsPerCall = ((performance.now() - startMs) * 1000) / order.calls;
  const { user, system } = process.cpuUsage(cpu);
  process.send?.({ microsPerCall, cpuMicrosPerCall: (user + system) / order.calls } satisfies OverheadReport);
}

process.on("message", (order: OverheadOrder) => void measure(order));
process.once("disconnect", () => void shutdown());
process.send?.({ microsPerCall: 0, cpuMicrosPerCall: 0 } satisfies OverheadReport);
