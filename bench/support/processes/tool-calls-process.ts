import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { env } from "node:process";
import { configurePlumbline, shutdown, supervise } from "@plumbline/instrumentation";
import { z } from "zod";
import type { CallsOrder, CallsReport } from "../calls.ts";

/*
 * One variant of an agent that calls a tool: bare, supervised without an audit trail, with it, and with files besides.
 * Counts the CPU of this process over a stated number of calls, the export of their telemetry included.
 */

const variant = env["BENCH_VARIANT"] ?? "bare";
const directory = mkdtempSync(join(tmpdir(), "plumbline-bench-"));
const rows = Array.from({ length: 5 }, (_, index) => ({ order: 1000 + index, total: 17.5, state: "paid" }));
const findOrders = ({ customer }: { customer: string }): Promise<object> =>
  Promise.resolve({ customer, rows });
const argumentsText = JSON.stringify({ customer: "ada@example.com" });

const files = {
  auditComplianceFile: join(directory, "compliance.jsonl"),
  auditTechnicalFile: join(directory, "technical.jsonl"),
};

if (variant !== "bare") {
  configurePlumbline({
    endpoint: env["BENCH_SINK_URL"] ?? "",
    controlEndpoint: "off",
    dataDirectory: directory,
    service: "bench",
    audit: variant === "supervised" ? "off" : "on",
    ...(variant === "audited-files" ? files : {}),
  });
}

async function bareCalls(calls: number): Promise<void> {
  for (let index = 0; index < calls; index += 1)
    JSON.stringify(await findOrders(JSON.parse(argumentsText) as { customer: string }));
}

/** Customers differ: the same call again and again is a loop that a guard would stop. */
function supervisedCalls(calls: number): Promise<void> {
  return supervise({ name: "bench", goal: "Measure" }, async (run) => {
    run.tool({
      name: "find_orders",
      parameters: z.object({ customer: z.string() }),
      risk: "safe",
      execute: findOrders,
    });
    for (let index = 0; index < calls; index += 1) {
      const text = JSON.stringify({ customer: `customer-${String(index)}@example.com` });
      await run.execute([
        { id: `c-${String(index)}`, type: "function", function: { name: "find_orders", arguments: text } },
      ]);
    }
  });
}

async function measure({ calls }: CallsOrder): Promise<void> {
  const before = process.cpuUsage();
  await (variant === "bare" ? bareCalls(calls) : supervisedCalls(calls));
  const { user, system } = process.cpuUsage(before);
  process.send?.({ cpuPerCall: (user + system) / calls } satisfies CallsReport);
}

process.on("message", (order: CallsOrder) => void measure(order));
process.once("disconnect", () => void shutdown());
process.send?.({ cpuPerCall: 0 } satisfies CallsReport);
