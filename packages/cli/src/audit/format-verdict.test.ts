import { expect, test } from "vitest";
import { formatVerdict, type ReportedVerdict } from "./format-verdict.ts";

const whole: ReportedVerdict = {
  ok: true,
  runs: 1,
  records: 12,
  heads: 12,
  findings: [],
  countersigned: true,
  anchored: "head",
};

test("a verdict says what was looked at and what it rests on", () => {
  expect(formatVerdict(whole)).toBe(
    "The audit trail is as it was written: 12 records of 1 run, 12 heads.\nIt was held against the head that was kept outside.",
  );
  expect(formatVerdict({ ...whole, anchored: "nothing" })).toMatch(/cut off would not show/);
  expect(formatVerdict({ ...whole, heads: 0, countersigned: false })).toMatch(/No heads were given/);
});

test("a verdict names every finding, what and where", () => {
  const page = formatVerdict({
    ...whole,
    ok: false,
    findings: [
      {
        kind: "truncated",
        runId: "run-1",
        where: "technical part, chain c, record 7",
        what: "the analyzer countersigned 7 records of the chain",
      },
      { kind: "head-missing", runId: null, where: "ledger 0, entry 4", what: "Entry 3 is missing" },
    ],
  });
  for (const told of [
    "truncated",
    "run-1",
    "technical part, chain c, record 7",
    "ledger 0, entry 4",
    "2 findings",
  ])
    expect(page).toContain(told);
  expect(page).toContain("NOT as it was written");
});
