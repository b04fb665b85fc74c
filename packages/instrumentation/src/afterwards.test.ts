import { expect, test } from "vitest";
import { Afterwards } from "./afterwards.ts";

const turn = () => new Promise((resolve) => setImmediate(resolve));

test("work follows when the event loop turns, in order, and one that fails holds up none", async () => {
  const done: string[] = [];
  const afterwards = new Afterwards();
  afterwards.add(() => done.push("first"));
  afterwards.add(() => {
    throw new Error("no");
  });
  afterwards.add(() => done.push("last"));
  await Promise.resolve();
  expect(done).toEqual([]);
  await turn();
  expect(done).toEqual(["first", "last"]);
});

test("work is done earlier where it is needed, and once", async () => {
  const done: string[] = [];
  const afterwards = new Afterwards();
  afterwards.add(() => {
    done.push("outer");
    afterwards.add(() => done.push("inner"));
  });
  afterwards.settle();
  expect(done).toEqual(["outer"]);
  await turn();
  await turn();
  expect(done).toEqual(["outer", "inner"]);
});
