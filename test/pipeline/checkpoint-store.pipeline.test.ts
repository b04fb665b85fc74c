import { createSqliteCheckpointStore } from "@plumbline/instrumentation";
import { mkdtempSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import {
  describeCheckpointStore,
  sampleHead,
} from "../../packages/instrumentation/src/checkpoint/checkpoint-store.contract.ts";

const file = () => join(mkdtempSync(join(tmpdir(), "plumbline-")), "checkpoints.sqlite");
const owner = (processId: number, alive: readonly number[] = []) => ({
  processId,
  instanceId: `i-${String(processId)}`,
  isAlive: (other: number) => alive.includes(other),
});
const run = { tenantId: "", runId: "r-1" };
const entry = (sequence: number, status: "live" | "killed" = "live") => ({
  head: sampleHead(status),
  transition: { sequence, atMs: 1, change: { kind: "completed" as const } },
});

describeCheckpointStore("sqlite", () => createSqliteCheckpointStore(file(), owner(1)));

describe("checkpoints of several processes in one file", () => {
  it("are taken over from a dead process, never from a living one", async () => {
    const path = file();
    await createSqliteCheckpointStore(path, owner(1)).append(run, entry(1));
    const living = createSqliteCheckpointStore(path, owner(2, [1]));
    expect(await living.list("")).toMatchObject([{ runId: "r-1", inUse: true }]);
    expect(await living.claim(run)).toBe(false);
    const next = createSqliteCheckpointStore(path, owner(3));
    expect(await next.claim(run)).toBe(true);
    expect(await createSqliteCheckpointStore(path, owner(4, [3])).claim(run)).toBe(false);
  });

  it("shut out a process that went on without knowing that it was taken for dead", async () => {
    const path = file();
    const zombie = createSqliteCheckpointStore(path, owner(1));
    await zombie.append(run, entry(1));
    const next = createSqliteCheckpointStore(path, owner(2));
    expect(await next.claim(run)).toBe(true);
    await next.append(run, entry(2));
    await expect(zombie.append(run, entry(3))).rejects.toMatchObject({ code: "RUN_TAKEN_OVER" });
    expect((await next.load(run))?.transitions).toHaveLength(2);
  });

  it("know a container that restarted under the same process id", async () => {
    const path = file();
    await createSqliteCheckpointStore(path, owner(1)).append(run, entry(1));
    const restarted = createSqliteCheckpointStore(path, { ...owner(1, [1]), instanceId: "i-next" });
    expect(await restarted.claim(run)).toBe(true);
  });

  it("can be neither changed nor removed while the run may go on", async () => {
    const path = file();
    const store = createSqliteCheckpointStore(path, owner(1));
    await store.append(run, entry(1));
    const intruder = new DatabaseSync(path);
    expect(() => intruder.exec("UPDATE transitions SET transition = '{}'")).toThrow("never changed");
    expect(() => intruder.exec("DELETE FROM transitions")).toThrow("is kept");
    intruder.close();
  });

  it("are for their owner's eyes alone", async () => {
    const path = file();
    await createSqliteCheckpointStore(path, owner(1)).append(run, entry(1));
    for (const name of [path, `${path}-wal`]) expect(statSync(name).mode & 0o077).toBe(0);
  });

  it("are refused with the path when the file is none", () => {
    const path = file();
    writeFileSync(path, "no database at all, and longer than a header of one hundred bytes".repeat(4));
    expect(() => createSqliteCheckpointStore(path, owner(1))).toThrow(path);
  });
});
