import { expect, test } from "vitest";
import type { Engine } from "../engine/engine.ts";
import { applyMerging } from "./merging.ts";

/** A database that knows the setting or not, and has tables; notes what it is told. */
function notingEngine(isKnown: boolean, tables: Readonly<Record<string, string>>) {
  const commands: string[] = [];
  const rows = Object.entries(tables).map(([name, full]) => JSON.stringify({ name, engine_full: full }));
  const unused = (): never => {
    throw new Error("not used here");
  };
  const engine: Engine = {
    insert: unused,
    useDatabase: unused,
    close: unused,
    query: ({ sql }) => {
      const known = isKnown ? '{"name":"merge_selector_base"}' : "";
      return Promise.resolve(sql.includes("merge_tree_settings") ? known : rows.join("\n"));
    },
    command: (sql) => {
      commands.push(sql);
      return Promise.resolve();
    },
  };
  return { engine, commands };
}

test("large tables are merged less often, and a table that was told is left as it is", async () => {
  const { engine, commands } = notingEngine(true, {
    steps: "ReplacingMergeTree(Revision) ORDER BY RunId SETTINGS a = 1",
    scores: "ReplacingMergeTree(Revision) ORDER BY RunId SETTINGS a = 1, merge_selector_base = 5",
    findings: "ReplacingMergeTree(Revision) ORDER BY RunId SETTINGS a = 1",
  });
  await applyMerging(engine);
  expect(commands).toEqual(["ALTER TABLE plumbline.steps MODIFY SETTING merge_selector_base = 10"]);
});

test("a database that has no such setting is asked for nothing", async () => {
  const { engine, commands } = notingEngine(false, { steps: "MergeTree ORDER BY RunId" });
  await applyMerging(engine);
  expect(commands).toEqual([]);
});
