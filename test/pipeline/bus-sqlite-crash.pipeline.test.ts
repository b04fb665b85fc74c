import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, openSync, rmSync, truncateSync, writeFileSync, writeSync, closeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { type Bus, type ReceivedRecord, createSqliteBus } from "@plumbline/bus";
import { afterEach, beforeEach, expect, test } from "vitest";
import { sourceFlags } from "../source-flags.ts";

let directory = "";
const children: ChildProcess[] = [];
const publisher = fileURLToPath(new URL("./bus/publisher.ts", import.meta.url));

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "plumbline-bus-"));
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

function startPublisher(first: number, onLine: (line: string) => void): ChildProcess {
  const child = spawn(process.execPath, [...sourceFlags, publisher, directory, String(first)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  createInterface({ input: child.stdout }).on("line", onLine);
  return child;
}

async function everything(bus: Bus): Promise<ReceivedRecord[]> {
  const records: ReceivedRecord[] = [];
  const tail = await bus.tail({
    topic: "numbers",
    from: "beginning",
    onRecord: (record) => records.push(record),
  });
  await tail.caughtUp;
  await tail.close();
  return records;
}

/** Lets a publisher acknowledge a few batches and kills it in the middle of its work. */
async function publishAndDie(first: number, count: number): Promise<string[]> {
  const acknowledged: string[] = [];
  const enough = Promise.withResolvers<void>();
  const child = startPublisher(first, (line) => {
    if (line !== "ready") acknowledged.push(line);
    if (acknowledged.length >= count) enough.resolve();
  });
  const ended = once(child.stdout ?? child, "close");
  await enough.promise;
  await kill(child);
  await ended;
  return acknowledged;
}

const numberOf = (record: ReceivedRecord): number => Number(new TextDecoder().decode(record.value));

test("killed again and again while publishing, it keeps every acknowledged record once, at its place, in order", async () => {
  const acknowledged: string[] = [];
  for (let round = 0; round < 12; round += 1) {
    acknowledged.push(...(await publishAndDie(round * 1_000_000, 20 + round * 37)));
  }
  const bus = await createSqliteBus({ directory });
  const records = await everything(bus);
  await bus.close();
  const places = records.map(
    (record) => `${String(numberOf(record))} ${String(record.partition)} ${String(record.offset)}`,
  );
  expect(new Set(places).size).toBe(places.length);
  expect(new Set(records.map(numberOf)).size).toBe(records.length);
  expect(new Set(places)).toEqual(new Set([...places, ...acknowledged]));
  for (const partition of [0, 1, 2]) {
    const offsets = records.filter((record) => record.partition === partition).map((record) => record.offset);
    expect(offsets).toEqual(offsets.map((_, index) => index));
  }
}, 120_000);

test("a second process is told who has the directory, and a killed owner leaves no lock", async () => {
  const ready = Promise.withResolvers<void>();
  const child = startPublisher(0, (line) => {
    if (line === "ready") ready.resolve();
  });
  await ready.promise;
  const refused = createSqliteBus({ directory });
  await expect(refused).rejects.toMatchObject({ nextMove: "stop", code: "BUS_IN_USE" });
  await expect(refused).rejects.toThrow(directory);
  await expect(refused).rejects.toThrow(`process ${String(child.pid)}`);
  await kill(child);
  const bus = await createSqliteBus({ directory });
  await bus.check();
  await bus.close();
});

test("the same process can't open a directory twice, and the first bus goes on", async () => {
  const bus = await createSqliteBus({ directory });
  await expect(createSqliteBus({ directory })).rejects.toMatchObject({ code: "BUS_IN_USE" });
  await bus.check();
  await bus.close();
});

test("a file that is no SQLite file is a clear error", async () => {
  writeFileSync(
    join(directory, "bus.sqlite"),
    "this is not a database, and long enough to be read as one".repeat(100),
  );
  const opening = createSqliteBus({ directory });
  await expect(opening).rejects.toMatchObject({ nextMove: "stop", code: "BUS_FILE_DAMAGED" });
  await expect(opening).rejects.toThrow(join(directory, "bus.sqlite"));
});

test("a SQLite file of another program is left alone", async () => {
  const database = new DatabaseSync(join(directory, "bus.sqlite"));
  database.exec("CREATE TABLE bookmarks (url TEXT); INSERT INTO bookmarks VALUES ('https://example.org')");
  database.close();
  await expect(createSqliteBus({ directory })).rejects.toMatchObject({
    nextMove: "stop",
    code: "BUS_FILE_FOREIGN",
  });
  const again = new DatabaseSync(join(directory, "bus.sqlite"));
  expect(again.prepare("SELECT url FROM bookmarks").get()?.["url"]).toBe("https://example.org");
  again.close();
});

test("a file of a newer version is a clear error", async () => {
  const bus = await createSqliteBus({ directory });
  await bus.close();
  const database = new DatabaseSync(join(directory, "bus.sqlite"));
  database.exec("PRAGMA user_version = 99");
  database.close();
  await expect(createSqliteBus({ directory })).rejects.toMatchObject({
    nextMove: "stop",
    code: "BUS_FILE_NEWER",
  });
});

test("a damaged or cut file is a clear error", async () => {
  const bus = await createSqliteBus({ directory });
  await bus.createTopics([{ name: "numbers", partitions: 3, cleanup: "delete", retentionMs: null }]);
  await bus.publish(
    "numbers",
    Array.from({ length: 200 }, () => ({ key: "k", value: new Uint8Array(2000) })),
  );
  await bus.close();
  const path = join(directory, "bus.sqlite");
  const file = openSync(path, "r+");
  for (let page = 1; page < 12; page += 1) writeSync(file, Buffer.alloc(4096, 0xab), 0, 4096, page * 8192);
  closeSync(file);
  await expect(createSqliteBus({ directory })).rejects.toMatchObject({
    nextMove: "stop",
    code: "BUS_FILE_DAMAGED",
  });
  truncateSync(path, 20_000);
  await expect(createSqliteBus({ directory })).rejects.toMatchObject({
    nextMove: "stop",
    code: "BUS_FILE_DAMAGED",
  });
});

test("a directory that can't be made is a clear error", async () => {
  writeFileSync(join(directory, "file"), "");
  await expect(createSqliteBus({ directory: join(directory, "file", "data") })).rejects.toMatchObject({
    nextMove: "stop",
    code: "BUS_FILE_UNUSABLE",
  });
});

test("when the disk takes no more, publishing is refused as retryable and what was acknowledged can be read", () => {
  const script = fileURLToPath(new URL("./bus/fill-up.ts", import.meta.url));
  const limited = [
    "-c",
    'trap "" XFSZ; ulimit -f 20000; exec "$@"',
    "limited",
    process.execPath,
    ...sourceFlags,
    script,
    directory,
  ];
  const filled = spawnSync("sh", limited, { encoding: "utf8" });
  expect(filled.stderr).toBe("");
  const { refusal, acknowledged, readable } = JSON.parse(filled.stdout) as Record<string, unknown>;
  expect(refusal).toBe("retry BUS_WRITE_FAILED");
  expect(acknowledged).toBeGreaterThan(100);
  expect(readable).toBe(acknowledged);
});
