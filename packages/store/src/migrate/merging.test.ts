import { expect, test } from "vitest";
import { applyMerging } from "./merging.ts";

const plain = "ReplacingMergeTree(Revision) ORDER BY RunId SETTINGS a = 1";
const told = `${plain}, merge_selector_base = 5`;

/** What a database is asked and told that has these tables, and knows the setting or not. */
async function talkWith(isKnown: boolean, tables: Readonly<Record<string, string>>) {
  const talk: { questions: number; commands: string[] } = { questions: 0, commands: [] };
  const engine = {
    query: () => {
      talk.questions += 1;
      return Promise.resolve(isKnown ? '{"name":"merge_selector_base"}\n' : "");
    },
    command: (sql: string) => {
      talk.commands.push(sql);
      return Promise.resolve();
    },
  };
  await applyMerging(engine, new Map(Object.entries(tables)));
  return talk;
}

test("large tables are merged less often, and a table that was told is left as it is", async () => {
  const { commands } = await talkWith(true, { steps: plain, scores: told, findings: plain });
  expect(commands).toEqual(["ALTER TABLE plumbline.steps MODIFY SETTING merge_selector_base = 10"]);
});

test("a database that has no such setting is told nothing", async () => {
  expect((await talkWith(false, { steps: plain })).commands).toEqual([]);
});

test("a database that was told of all its large tables is not even asked", async () => {
  expect(await talkWith(true, { steps: told, findings: plain })).toEqual({ questions: 0, commands: [] });
});
