import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { SetupError } from "@plumbline/contracts";
import { createChdbStore } from "@plumbline/store";
import { afterEach, beforeEach, expect, test } from "vitest";
import { sourceFlags } from "../source-flags.ts";

const inserter = fileURLToPath(new URL("./store/inserter.ts", import.meta.url));
const rowsPerBatch = 300;
let directory = "";
const children: ChildProcess[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "plumbline-store-"));
});

afterEach(async () => {
  for (const child of children.splice(0)) await kill(child);
  rmSync(directory, { recursive: true });
});

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}

function startInserter(first: number, onLine: (line: string) => void): ChildProcess {
  const child = spawn(
    process.execPath,
    [...sourceFlags, inserter, directory, String(first), String(rowsPerBatch)],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  children.push(child);
  createInterface({ input: child.stdout }).on("line", onLine);
  return child;
}

/** Lets an inserter acknowledge some batches and kills it in the middle of its work; the number of the last one. */
async function insertAndDie(first: number, count: number): Promise<number> {
  let last = first - 1;
  const enough = Promise.withResolvers<void>();
  const child = startInserter(first, (line) => {
    if (line !== "ready") last = Number(line);
    if (last - first + 1 >= count) enough.resolve();
  });
  const ended = once(child.stdout ?? child, "close");
  await enough.promise;
  await kill(child);
  await ended;
  return last;
}

test("killed again and again while inserting, it keeps every acknowledged batch once, and a repeated one too", async () => {
  let last = -1;
  for (const count of [3, 1, 5, 2, 4, 1]) last = await insertAndDie(last + 1, count);
  const store = await createChdbStore({ directory });
  const batches = await store.query<{ batch: string; rows: string; spans: string }>({
    sql: `SELECT RunId AS batch, count() AS rows, uniqExact(SpanId) AS spans
      FROM plumbline.otel_traces GROUP BY batch ORDER BY length(batch), batch`,
  });
  const indexed = await store.query<{ rows: string }>({
    sql: "SELECT count() AS rows FROM plumbline.otel_traces_trace_id_ts",
  });
  await store.close();
  const whole = { rows: String(rowsPerBatch), spans: String(rowsPerBatch) };
  const acknowledged = Array.from({ length: last + 1 }, (_, number) => ({
    batch: `batch-${String(number)}`,
    ...whole,
  }));
  // The batch in flight at the last kill may be in or not, but not in part.
  expect([acknowledged, [...acknowledged, { batch: `batch-${String(last + 1)}`, ...whole }]]).toContainEqual(
    batches,
  );
  expect(indexed).toEqual([{ rows: String(batches.length) }]);
}, 60_000);

test("a directory that another process uses is refused by name, and free again once that process died", async () => {
  const ready = Promise.withResolvers<string>();
  const child = startInserter(0, ready.resolve);
  await ready.promise;
  const refusal = createChdbStore({ directory });
  await expect(refusal).rejects.toBeInstanceOf(SetupError);
  await expect(refusal).rejects.toThrow(directory);
  await kill(child);
  const store = await createChdbStore({ directory });
  await expect(store.check()).resolves.toBeUndefined();
  await store.close();
});
