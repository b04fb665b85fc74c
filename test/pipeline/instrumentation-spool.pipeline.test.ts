import { createSqliteSpool } from "../../packages/instrumentation/src/spool/sqlite-spool.ts";
import { type AgentEvent, systemClock, systemRandom } from "@plumbline/contracts";
import type { Delivery } from "../../packages/instrumentation/src/export/delivery.ts";
import { createEventReporter } from "../../packages/instrumentation/src/export/event-reporter.ts";
import { ReceiverState } from "../../packages/instrumentation/src/export/receiver-state.ts";
import { createLazySpool } from "../../packages/instrumentation/src/spool/lazy-spool.ts";
import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";

const directory = () => mkdtempSync(join(tmpdir(), "plumbline-"));
const owner = (processId: number, alive: readonly number[] = []) => ({
  processId,
  instanceId: `i-${String(processId)}`,
  isAlive: (other: number) => alive.includes(other),
});

/** A process that shares the spool of `path`; what its receiver got is in `got`. */
function reporterOver(path: string, processId: number, answers: Delivery[]) {
  const got: string[] = [];
  const reporter = createEventReporter({
    resource: {},
    send: (body) => {
      const answer = answers.shift() ?? delivered;
      if (answer.type === "delivered") got.push(body);
      return Promise.resolve(answer);
    },
    spool: createSqliteSpool(path, owner(processId)),
    clock: systemClock,
    random: systemRandom,
    receiver: new ReceiverState(),
    maxQueuedRecords: 100,
  });
  return { reporter, got };
}

const delivered: Delivery = { type: "delivered", rejected: 0 };
const beat = (runId: string): AgentEvent => ({
  name: "plumbline.heartbeat",
  runId,
  agentName: "a",
  instanceId: "i",
  openSteps: 0,
});

describe("what an agent could not send before its end", () => {
  it("is sent by the next process of the machine, once a receiver was there at all", async () => {
    const path = join(directory(), "spool.sqlite");
    const down: Delivery = { type: "failed", why: "down", retryAfterMs: 60_000 };
    const first = reporterOver(path, 1, [delivered, down]);
    first.reporter.report(beat("told"));
    await vi.waitFor(() => expect(first.got).toHaveLength(1));
    first.reporter.report(beat("untold"));
    await vi.waitFor(() => expect(first.reporter.pending).toBe(1));
    await new Promise((resolve) => setTimeout(resolve, 20));
    first.reporter.park();
    expect(first.reporter.pending).toBe(0);

    const unheard = reporterOver(path, 2, [down]);
    unheard.reporter.report(beat("nobody listens"));
    await new Promise((resolve) => setTimeout(resolve, 20));
    unheard.reporter.park();

    const next = reporterOver(path, 3, []);
    next.reporter.report(beat("next"));
    await vi.waitFor(() => expect(next.got.join("")).toContain("untold"));
    expect(next.got.join("")).not.toContain("nobody listens");
  });
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

  it("keeps the latest of what no server ever came for", () => {
    const path = join(directory(), "spool.sqlite");
    const dead = createSqliteSpool(path, owner(1));
    for (let index = 0; index < 9; index += 1) dead.add(`record ${String(index)}`);
    const next = createSqliteSpool(path, { ...owner(2), maxRecords: 3 });
    expect(next.adopt().map(({ record }) => record)).toEqual(["record 6", "record 7", "record 8"]);
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
