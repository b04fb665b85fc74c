import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { env } from "node:process";
import { setImmediate, setTimeout } from "node:timers/promises";
import {
  configurePlumbline,
  plumblineStatus,
  type Run,
  shutdown,
  supervise,
} from "@plumbline/instrumentation";
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

type Call = (index: number) => Promise<unknown>;

function bareCall(tools: number): Call {
  return async (index) => {
    const { customer } = parameters.parse(JSON.parse(argumentsOf(index)));
    return JSON.stringify(await answer(nameOf(index, tools), customer));
  };
}

function supervisedCall(run: Run, tools: number): Call {
  return (index) => {
    const call = { name: nameOf(index, tools), arguments: argumentsOf(index) };
    return run.execute([{ id: `c-${String(index)}`, type: "function", function: call }]);
  };
}

/** Makes the calls one after the other, each in a turn of its own; the time that passed inside of them. */
async function timeInside(call: Call, calls: number): Promise<number> {
  let insideMs = 0;
  for (let index = 0; index < calls; index += 1) {
    const startMs = performance.now();
    await call(index);
    insideMs += performance.now() - startMs;
    await setImmediate();
  }
  return insideMs;
}

function register(run: Run): void {
  for (const name of toolNames)
    run.tool({ name, parameters, risk: "safe", execute: ({ customer }) => answer(name, customer) });
}

function timeOf({ calls, tools }: OverheadOrder): Promise<number> {
  if (variant === "bare") return timeInside(bareCall(tools), calls);
  const budget = { steps: 1e9, toolCalls: 1e9, wallTimeMs: 1e12 };
  return supervise({ name: "bench", goal: "Measure", budget }, (run) => {
    register(run);
    return timeInside(supervisedCall(run, tools), calls);
  });
}

async function measure(order: OverheadOrder): Promise<void> {
  const before = process.cpuUsage();
  const insideMs = await timeOf(order);
  while (variant !== "bare" && plumblineStatus().pendingRecords > 0) await setTimeout(5);
  const { user, system } = process.cpuUsage(before);
  const microsPerCall = (insideMs * 1000) / order.calls;
  process.send?.({ microsPerCall, cpuMicrosPerCall: (user + system) / order.calls } satisfies OverheadReport);
}

process.on("message", (order: OverheadOrder) => void measure(order));
process.once("disconnect", () => void shutdown());
process.send?.({ microsPerCall: 0, cpuMicrosPerCall: 0 } satisfies OverheadReport);
