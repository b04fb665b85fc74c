import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { type Bus, createSqliteBus } from "@plumbline/bus";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { sourceFlags } from "../source-flags.ts";

const mebibyte = 1024 * 1024;

let directory = "";
const opened: Bus[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "plumbline-journal-"));
});

afterEach(async () => {
  for (const bus of opened.splice(0)) await bus.close();
  rmSync(directory, { recursive: true });
});

const bytesOf = (name: string): number => statSync(join(directory, name)).size;

async function openBus(): Promise<Bus> {
  const bus = await createSqliteBus({ directory });
  opened.push(bus);
  await bus.createTopics([{ name: "numbers", partitions: 3, cleanup: "delete", retentionMs: null }]);
  return bus;
}

/** In pieces of a mebibyte, one after the other. */
async function publish(bus: Bus, mebibytes: number): Promise<void> {
  for (let piece = 0; piece < mebibytes; piece += 1)
    await bus.publish("numbers", [{ key: String(piece), value: new Uint8Array(mebibyte) }]);
}

async function countRecords(bus: Bus): Promise<number> {
  let count = 0;
  const tail = await bus.tail({ topic: "numbers", from: "beginning", onRecord: () => (count += 1) });
  await tail.caughtUp;
  await tail.close();
  return count;
}

test("what is in the journal moves into the database while the bus is in use", async () => {
  await publish(await openBus(), 20);
  await vi.waitFor(() => expect(bytesOf("bus.sqlite")).toBeGreaterThan(8 * mebibyte), { timeout: 10_000 });
});

test("the journal stays within bounds however much is written, and everything is kept", async () => {
  const bus = await openBus();
  await publish(bus, 160);
  expect(bytesOf("bus.sqlite-wal")).toBeLessThan(96 * mebibyte);
  await bus.close();
  expect(await countRecords(await openBus())).toBe(160);
});

test("a process with nothing left to do but to close its bus closes it", () => {
  const program = fileURLToPath(new URL("./bus/publish-and-close.ts", import.meta.url));
  const ended = spawnSync(process.execPath, [...sourceFlags, program, directory]);
  expect([String(ended.stdout), ended.status]).toEqual(["closed\n", 0]);
});

test("where memory can't be shared between connections, the bus does without", async () => {
  symlinkSync(join(directory, "nowhere", "shared-memory"), join(directory, "bus.sqlite-shm"));
  const bus = await openBus();
  await publish(bus, 80);
  expect(await countRecords(bus)).toBe(80);
  expect(bytesOf("bus.sqlite")).toBeGreaterThan(32 * mebibyte);
});

test("a new file has the pages it is meant to have", async () => {
  const bus = await openBus();
  await bus.close();
  const database = new DatabaseSync(join(directory, "bus.sqlite"));
  expect(database.prepare("PRAGMA page_size").get()).toEqual({ page_size: 8192 });
  expect(database.prepare("PRAGMA auto_vacuum").get()).toEqual({ auto_vacuum: 2 });
  database.close();
});
