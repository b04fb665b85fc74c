import { mkdtempSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type Bus, createSqliteBus } from "@plumbline/bus";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

const mebibyte = 1024 * 1024;

let directory = "";
let bus: Bus;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "plumbline-journal-"));
});

afterEach(async () => {
  await bus.close();
  rmSync(directory, { recursive: true });
});

const bytesOf = (name: string): number => statSync(join(directory, name)).size;

async function openBus(): Promise<void> {
  bus = await createSqliteBus({ directory });
  await bus.createTopics([{ name: "numbers", partitions: 3, cleanup: "delete", retentionMs: null }]);
}

/** In pieces of a mebibyte, one after the other. */
async function publish(mebibytes: number): Promise<void> {
  for (let piece = 0; piece < mebibytes; piece += 1)
    await bus.publish("numbers", [{ key: String(piece), value: new Uint8Array(mebibyte) }]);
}

async function countRecords(): Promise<number> {
  let count = 0;
  const tail = await bus.tail({ topic: "numbers", from: "beginning", onRecord: () => (count += 1) });
  await tail.caughtUp;
  await tail.close();
  return count;
}

test("what is in the journal moves into the database while the bus is in use", async () => {
  await openBus();
  await publish(20);
  await vi.waitFor(() => expect(bytesOf("bus.sqlite")).toBeGreaterThan(8 * mebibyte), { timeout: 10_000 });
});

test("the journal stays within bounds however much is written, and everything is kept", async () => {
  await openBus();
  await publish(160);
  expect(bytesOf("bus.sqlite-wal")).toBeLessThan(96 * mebibyte);
  await bus.close();
  await openBus();
  expect(await countRecords()).toBe(160);
});

test("where memory can't be shared between connections, the bus does without", async () => {
  symlinkSync(join(directory, "nowhere", "shared-memory"), join(directory, "bus.sqlite-shm"));
  await openBus();
  await publish(80);
  expect(await countRecords()).toBe(80);
  expect(bytesOf("bus.sqlite")).toBeGreaterThan(32 * mebibyte);
});

test("a new file has the pages it is meant to have", async () => {
  await openBus();
  await bus.close();
  const database = new DatabaseSync(join(directory, "bus.sqlite"));
  expect(database.prepare("PRAGMA page_size").get()).toEqual({ page_size: 8192 });
  expect(database.prepare("PRAGMA auto_vacuum").get()).toEqual({ auto_vacuum: 2 });
  database.close();
});
