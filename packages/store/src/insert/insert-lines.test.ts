import fc from "fast-check";
import { expect, test } from "vitest";
import { DatabaseError } from "../engine/database-error.ts";
import type { Engine, EngineInsert } from "../engine/engine.ts";
import { type LinesTarget, insertLines } from "./insert-lines.ts";

const cannotParse = 117;

/** Keeps what it is given once per token, as the database does, and refuses a batch with a line that says "bad". */
function keepingEngine(): { target: LinesTarget; kept: string[]; inserts: EngineInsert[] } {
  const kept: string[] = [];
  const inserts: EngineInsert[] = [];
  const tokens = new Set<string>();
  const unused = (): never => {
    throw new Error("not used here");
  };
  const engine: Engine = {
    command: unused,
    query: unused,
    useDatabase: unused,
    close: unused,
    insert(insert) {
      inserts.push(insert);
      const lines = insert.lines.split("\n").filter((line) => line !== "");
      if (lines.some((line) => line.includes("bad"))) {
        return Promise.reject(new DatabaseError("Incorrect data", cannotParse));
      }
      if (!tokens.has(insert.token)) kept.push(...lines);
      tokens.add(insert.token);
      return Promise.resolve();
    },
  };
  return { target: { engine, table: "plumbline.steps", columns: ["A"] }, kept, inserts };
}

const linesOf = (texts: readonly string[]): { index: number; text: string }[] =>
  texts.map((text, index) => ({ index, text }));

test("a good batch is one insert", async () => {
  const { target, kept, inserts } = keepingEngine();
  expect(await insertLines(target, linesOf(["a", "b"]), "token")).toEqual([]);
  expect(kept).toEqual(["a", "b"]);
  expect(inserts).toHaveLength(1);
});

test("exactly the bad lines are refused, wherever they stand", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }), async (isBad) => {
      const { target, kept } = keepingEngine();
      const texts = isBad.map((bad, index) => `${bad ? "bad" : "good"} ${String(index)}`);
      const rejected = await insertLines(target, linesOf(texts), "token");
      expect(rejected.map((item) => item.index)).toEqual(isBad.flatMap((bad, index) => (bad ? [index] : [])));
      expect(kept).toEqual(texts.filter((text) => text.startsWith("good")));
    }),
  );
});

test("a repetition of a batch with bad lines adds nothing", async () => {
  const { target, kept } = keepingEngine();
  const lines = linesOf(["a", "bad", "c", "d", "bad", "f", "g"]);
  const first = await insertLines(target, lines, "token");
  const again = await insertLines(target, lines, "token");
  expect(again).toEqual(first);
  expect(kept).toEqual(["a", "c", "d", "f", "g"]);
});

test("a failure that is not about a row is passed on at once", async () => {
  const { target, inserts } = keepingEngine();
  const failing: LinesTarget = {
    ...target,
    engine: {
      ...target.engine,
      insert: (insert) => {
        inserts.push(insert);
        return Promise.reject(new DatabaseError("Memory limit exceeded", 241));
      },
    },
  };
  await expect(insertLines(failing, linesOf(["a", "b"]), "token")).rejects.toThrow("Memory limit");
  expect(inserts).toHaveLength(1);
});
