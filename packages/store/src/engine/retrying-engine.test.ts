import type { Clock } from "@plumbline/contracts";
import { expect, test } from "vitest";
import { DatabaseError } from "./database-error.ts";
import type { Engine } from "./engine.ts";
import { retryingEngine } from "./retrying-engine.ts";

function failingEngine(failures: readonly (number | undefined)[]): { engine: Engine; calls: () => number } {
  let calls = 0;
  const answer = (): Promise<void> => {
    const number = calls;
    calls += 1;
    return number < failures.length
      ? Promise.reject(new DatabaseError(`failure ${String(number)}`, failures[number]))
      : Promise.resolve();
  };
  const engine: Engine = {
    command: answer,
    insert: answer,
    query: () => answer().then(() => "done"),
    useDatabase: answer,
    close: answer,
  };
  return { engine, calls: () => calls };
}

function impatientClock(): { clock: Clock; pausesMs: number[] } {
  const pausesMs: number[] = [];
  const sleep = (durationMs: number): Promise<void> => {
    pausesMs.push(durationMs);
    return Promise.resolve();
  };
  return { clock: { nowMs: () => 0, sleep }, pausesMs };
}

const insert = { table: "t", columns: ["A"], lines: "{}\n", token: "token" };

test("a connection that breaks is tried again with growing pauses", async () => {
  const { engine, calls } = failingEngine([undefined, 210, undefined]);
  const { clock, pausesMs } = impatientClock();
  await retryingEngine(engine, { clock, attempts: 4, firstPauseMs: 100 }).insert(insert);
  expect(calls()).toBe(4);
  expect(pausesMs).toEqual([100, 200, 400]);
});

test("the last failure is passed on when the attempts are used up", async () => {
  const { engine, calls } = failingEngine([undefined, undefined, undefined]);
  const { clock } = impatientClock();
  const retrying = retryingEngine(engine, { clock, attempts: 2, firstPauseMs: 1 });
  await expect(retrying.command("SELECT 1")).rejects.toThrow("failure 1");
  expect(calls()).toBe(2);
});

test("a statement that the database refuses is not repeated", async () => {
  const { engine, calls } = failingEngine([62]);
  const { clock } = impatientClock();
  const retrying = retryingEngine(engine, { clock, attempts: 4, firstPauseMs: 1 });
  await expect(retrying.query({ role: "reader", sql: "SELEC", format: "JSON" })).rejects.toThrow("failure 0");
  expect(calls()).toBe(1);
});

test("what a person asked is not repeated", async () => {
  const { engine, calls } = failingEngine([undefined]);
  const { clock } = impatientClock();
  const retrying = retryingEngine(engine, { clock, attempts: 4, firstPauseMs: 1 });
  await expect(retrying.query({ role: "untrusted", sql: "SELECT 1", format: "JSON" })).rejects.toThrow(
    "failure 0",
  );
  expect(calls()).toBe(1);
});
