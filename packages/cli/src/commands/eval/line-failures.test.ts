import { expect, test } from "vitest";
import { LineFailures } from "./line-failures.ts";

test("of a file that fits nowhere a few lines are told, and how many there were", () => {
  const printed: string[] = [];
  const failures = new LineFailures((text) => printed.push(text));
  for (let line = 1; line <= 300; line += 1) failures.add({ file: "verdicts", line, reason: "no run" });
  failures.add({ file: "runs", line: 7, reason: "cut off" });
  failures.summarise();
  expect(printed).toHaveLength(8);
  expect(printed.slice(0, 1)).toEqual(["verdicts:1: no run"]);
  expect(printed.slice(5)).toEqual([
    "runs:7: cut off",
    "verdicts: 300 lines were left out, the first 5 of them told above.",
    "runs: 1 line was left out.",
  ]);
});
