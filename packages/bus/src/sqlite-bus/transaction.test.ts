import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Transaction } from "./transaction.ts";

let database: DatabaseSync;
let reloads = 0;
let transaction: Transaction;

beforeEach(() => {
  database = new DatabaseSync(":memory:");
  database.exec("CREATE TABLE numbers (number INTEGER) STRICT");
  reloads = 0;
  transaction = new Transaction({ database, path: "bus.sqlite", onRollback: () => (reloads += 1) });
});

afterEach(() => {
  database.close();
});

const insert = (value: string): void => database.exec(`INSERT INTO numbers VALUES (${value})`);
const count = (): unknown => database.prepare("SELECT count(*) AS count FROM numbers").get()?.["count"];

test("work that fails leaves no trace, and memory is brought back", () => {
  const work = (): void => {
    insert("1");
    insert("'not a number'");
  };
  expect(() => transaction.run(work)).toThrow("bus.sqlite");
  expect([count(), reloads]).toEqual([0, 1]);
});

test("after a failure the next work goes through", () => {
  expect(() => transaction.run(() => insert("'not a number'"))).toThrow("Writing to bus.sqlite failed");
  transaction.run(() => insert("2"));
  expect([count(), reloads]).toEqual([1, 1]);
});

test("a transaction somebody left open is undone before the next work", () => {
  database.exec("BEGIN");
  insert("1");
  expect(() => transaction.run(() => insert("2"))).toThrow("within a transaction");
  transaction.run(() => insert("3"));
  expect([count(), reloads]).toEqual([1, 1]);
});

test("when memory can't be brought back, nothing is written until it can", () => {
  let broken = true;
  transaction = new Transaction({
    database,
    path: "bus.sqlite",
    onRollback: () => {
      if (broken) throw new Error("still broken");
    },
  });
  expect(() => transaction.run(() => insert("'not a number'"))).toThrow("bus.sqlite");
  expect(() => transaction.run(() => insert("1"))).toThrow("still broken");
  broken = false;
  transaction.run(() => insert("2"));
  expect(count()).toBe(1);
});
