import { expect, test } from "vitest";
import { addTotals, missingReport, summarise, totalsLine, withFailedSteps } from "./summarise.ts";

const file = (status: string, tests: string[]) => ({
  name: "a.test.ts",
  status,
  assertionResults: tests.map((one, index) => ({ fullName: `test ${String(index)}`, status: one })),
});
const report = (success: boolean, testResults: unknown[]) => JSON.stringify({ success, testResults });

test("passed, failed and skipped tests are counted and the failed ones named", () => {
  const totals = summarise(report(false, [file("failed", ["passed", "failed", "pending", "todo"])]));
  expect(totals).toMatchObject({ passed: 1, failed: 1, skipped: 2, failures: ["test 1"] });
});

test("a file that did not load is one failure", () => {
  expect(summarise(report(false, [file("failed", [])])).failed).toBe(1);
});

test("an error outside any test is one failure", () => {
  expect(summarise(report(false, [file("passed", ["passed"])]))).toMatchObject({ passed: 1, failed: 1 });
});

test("an unreadable report is one failure", () => {
  expect(summarise("{").failed).toBe(1);
  expect(summarise("{}").failed).toBe(1);
});

test("the line leaves skipped out when nothing was", () => {
  const clean = summarise(report(true, [file("passed", ["passed", "passed"])]));
  expect(totalsLine(clean)).toBe("2 passed, 0 failed");
  const skipping = summarise(report(true, [file("passed", ["skipped"])]));
  expect(totalsLine(addTotals([clean, skipping, missingReport("x")]))).toBe("2 passed, 1 failed, 1 skipped");
});

test("a failed step counts where no test failed", () => {
  const clean = summarise(report(true, [file("passed", ["passed"])]));
  expect(totalsLine(withFailedSteps(clean, ["npm run verify"]))).toBe("1 passed, 1 failed");
  expect(withFailedSteps(clean, [])).toEqual(clean);
  const broken = summarise(report(false, [file("failed", ["failed"])]));
  expect(withFailedSteps(broken, ["npm run verify"])).toEqual(broken);
});
