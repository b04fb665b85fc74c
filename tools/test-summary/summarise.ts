/** What is read of a report of vitest's JSON reporter. */
interface Report {
  success: boolean;
  testResults: { name: string; status: string; assertionResults: { fullName: string; status: string }[] }[];
}

function isReport(value: unknown): value is Report {
  if (typeof value !== "object" || value === null) return false;
  const { success, testResults } = value as Partial<Report>;
  return typeof success === "boolean" && Array.isArray(testResults);
}

export interface TestTotals {
  passed: number;
  failed: number;
  skipped: number;
  /** Full names, for the log. */
  failures: string[];
  skips: string[];
}

/** A run that left no readable report counts as one failure: silence is not success. */
export function missingReport(reason: string): TestTotals {
  return { passed: 0, failed: 1, skipped: 0, failures: [reason], skips: [] };
}

function failuresOf(report: Report): string[] {
  const named = report.testResults.flatMap((file) => {
    const failed = file.assertionResults
      .filter((test) => test.status === "failed")
      .map((test) => test.fullName);
    return file.status === "failed" && failed.length === 0 ? [`${file.name} (did not run)`] : failed;
  });
  return report.success || named.length > 0 ? named : ["an error outside any test"];
}

/** Totals of one report, given as the text of its file. */
export function summarise(text: string): TestTotals {
  const report = parseJson(text);
  if (!isReport(report)) return missingReport("a test report could not be read");
  const tests = report.testResults.flatMap((file) => file.assertionResults);
  const failures = failuresOf(report);
  const skips = tests
    .filter((test) => !["passed", "failed"].includes(test.status))
    .map((test) => test.fullName);
  const passed = tests.filter((test) => test.status === "passed").length;
  return { passed, failed: failures.length, skipped: skips.length, failures, skips };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function addTotals(totals: readonly TestTotals[]): TestTotals {
  return {
    passed: totals.reduce((sum, one) => sum + one.passed, 0),
    failed: totals.reduce((sum, one) => sum + one.failed, 0),
    skipped: totals.reduce((sum, one) => sum + one.skipped, 0),
    failures: totals.flatMap((one) => one.failures),
    skips: totals.flatMap((one) => one.skips),
  };
}

/** A step can fail with every test green (lint, say); it then counts as one failure, so that the line never reads as success. */
export function withFailedSteps(tests: TestTotals, failedSteps: readonly string[]): TestTotals {
  if (tests.failed > 0 || failedSteps.length === 0) return tests;
  const failures = failedSteps.map((step) => `step ${step}`);
  return { ...tests, failed: failures.length, failures };
}

/** The line that ends a CI log. */
export function totalsLine({ passed, failed, skipped }: TestTotals): string {
  const skippedPart = skipped === 0 ? "" : `, ${String(skipped)} skipped`;
  return `${String(passed)} passed, ${String(failed)} failed${skippedPart}`;
}
