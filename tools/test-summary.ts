// Sums the JSON reports named on the command line; `--failed-step=…` names a step of the CI run that failed.
// Its last line is the last line of a CI log.
import { existsSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import {
  addTotals,
  missingReport,
  summarise,
  totalsLine,
  withFailedSteps,
} from "./test-summary/summarise.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { "failed-step": { type: "string", multiple: true, default: [] } },
});
const tests = addTotals(
  positionals.map((path) =>
    existsSync(path) ? summarise(readFileSync(path, "utf8")) : missingReport(`no report at ${path}`),
  ),
);
const total = withFailedSteps(tests, values["failed-step"]);
for (const name of total.skips) console.log(`skipped: ${name}`);
for (const name of total.failures) console.log(`FAILED: ${name}`);
console.log(totalsLine(total));
process.exitCode = total.failed === 0 ? 0 : 1;
