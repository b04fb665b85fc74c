import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { env } from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import type { Run } from "@plumbline/instrumentation";

/*
 * One agent whose tool depends on something that is down. `bare` is what agents do without supervision: a client with two
 * retries, and a model that tries again with other words each time.
 */

const variant = env["BENCH_VARIANT"] ?? "bare";
const url = env["BENCH_DEPENDENCY_URL"] ?? "";
const turns = Number(env["BENCH_TURNS"] ?? "20");
const everyMs = 50;

async function fetchOnce(q: string): Promise<string> {
  const response = await fetch(`${url}/${encodeURIComponent(q)}`);
  if (!response.ok)
    throw Object.assign(new Error(`the dependency answered ${String(response.status)}`), {
      status: response.status,
    });
  return response.text();
}

async function bareTurn(q: string): Promise<void> {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const failed = await fetchOnce(q).then(
      () => false,
      () => true,
    );
    if (!failed) return;
    await sleep(10 * 2 ** attempt);
  }
}

async function turn(run: Run, q: string): Promise<void> {
  const call = { name: "search", arguments: JSON.stringify({ q }) };
  await run.execute([{ id: q, type: "function", function: call }]);
}

async function supervised(): Promise<void> {
  const { configurePlumbline, supervise } = await import("@plumbline/instrumentation");
  const { z } = await import("zod");
  configurePlumbline({
    endpoint: "http://127.0.0.1:9",
    controlEndpoint: "off",
    dataDirectory: mkdtempSync(join(tmpdir(), "plumbline-bench-")),
    checkpoints: "off",
    audit: "off",
    // The breaker and the retries alone: the loop guard would stop these agents sooner.
    guards: "off",
  });
  await supervise({ name: "bench", goal: "Search" }, async (run) => {
    run.tool({
      name: "search",
      parameters: z.object({ q: z.string() }),
      risk: "safe",
      retry: { attempts: 3, firstDelayMs: 10, maxDelayMs: 100 },
      execute: ({ q }) => fetchOnce(q),
    });
    for (let index = 0; index < turns; index += 1) {
      await turn(run, `word-${String(index)}`);
      await sleep(everyMs);
    }
  });
}

async function bare(): Promise<void> {
  for (let index = 0; index < turns; index += 1) {
    await bareTurn(`word-${String(index)}`);
    await sleep(everyMs);
  }
}

await (variant === "bare" ? bare() : supervised()).catch(() => undefined);
process.send?.({ done: true });
process.exit(0);
