import { createSqliteSpool } from "../../packages/instrumentation/src/spool/sqlite-spool.ts";
import { createLazySpool } from "../../packages/instrumentation/src/spool/lazy-spool.ts";
import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const directory = () => mkdtempSync(join(tmpdir(), "plumbline-"));
const owner = (processId: number, alive: readonly number[] = []) => ({
  processId,
  instanceId: `i-${String(processId)}`,
  isAlive: (other: number) => alive.includes(other),
});

describe("the spool of control records", () => {
  it("hands what a dead process left behind to one other process, once", () => {
    const path = join(directory(), "spool.sqlite");
    const dead = createSqliteSpool(path, owner(1));
    dead.add("first");
    const second = dead.add("second");
    dead.remove([second.id]);
    const [a, b] = [createSqliteSpool(path, owner(2)), createSqliteSpool(path, owner(3, [2]))];
    expect(a.adopt().map(({ record }) => record)).toEqual(["first"]);
    expect(b.adopt()).toEqual([]);
    expect(a.adopt()).toEqual([]);
  });

  it("leaves the records of a living process alone", () => {
    const path = join(directory(), "spool.sqlite");
    createSqliteSpool(path, owner(1)).add("mine");
    expect(createSqliteSpool(path, owner(2, [1])).adopt()).toEqual([]);
  });

  it("keeps what nobody sent through a kill of the process", () => {
    const path = join(directory(), "spool.sqlite");
    createSqliteSpool(path, owner(1)).add("kept");
    // The same process id again, as another instance: a container that restarted.
    expect(createSqliteSpool(path, { ...owner(1), instanceId: "i-next" }).adopt()).toHaveLength(1);
  });

  it("opens no file before the first record, and makes do with memory where it can't write", () => {
    const fresh = join(directory(), "deep", "down");
    const lazy = createLazySpool(fresh, owner(1));
    expect(lazy.adopt()).toEqual([]);
    expect(existsSync(fresh)).toBe(false);
    lazy.add("x");
    expect(existsSync(join(fresh, "spool.sqlite"))).toBe(true);
    const file = join(directory(), "file");
    writeFileSync(file, "");
    const memory = createLazySpool(join(file, "below"), owner(1));
    const added = memory.add("y");
    expect(added.record).toBe("y");
    memory.remove([added.id]);
    expect(memory.adopt()).toEqual([]);
  });
});
