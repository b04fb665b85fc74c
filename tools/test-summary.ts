// Sums the JSON reports named on the command line. Its last line is the last line of a CI log.
import { existsSync, readFileSync } from "node:fs";
import { addTotals, missingReport, summarise, totalsLine } from "./test-summary/summarise.ts";

const total = addTotals(
  process.argv
    .slice(2)
    .map((path) =>
      existsSync(path) ? summarise(readFileSync(path, "utf8")) : missingReport(`no report at ${path}`),
    ),
);
for (const name of total.skips) console.log(`skipped: ${name}`);
for (const name of total.failures) console.log(`FAILED: ${name}`);
console.log(totalsLine(total));
process.exitCode = total.failed === 0 ? 0 : 1;
