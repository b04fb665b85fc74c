// House rules that the linter can't hold, over everything git tracks. Prints path:line for each violation.
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { checkLinks } from "./check/links.ts";
import { checkLockfile } from "./check/lockfile.ts";
import { checkMachineTraces } from "./check/machine-traces.ts";
import { checkSource } from "./check/sources.ts";
import { readTextFiles, trackedPaths } from "./check/tracked-files.ts";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const isRecorded = (path: string): boolean => /(?:^|\/)fixtures\//.test(path);
const isOwnRule = (path: string): boolean => path.startsWith("tools/check/");

const paths = trackedPaths(root);
const files = readTextFiles(root, paths);
const known = new Set(
  paths.flatMap((path) => path.split("/").map((_, index, parts) => parts.slice(0, index + 1).join("/"))),
);
const markdown = files.filter((file) => file.path.endsWith(".md") && !isRecorded(file.path));

const violations = [
  ...files.flatMap(checkSource),
  ...files.flatMap(checkLockfile),
  ...files.filter((file) => !isRecorded(file.path) && !isOwnRule(file.path)).flatMap(checkMachineTraces),
  ...checkLinks(markdown, (path) => known.has(path)),
];

for (const { path, line, message } of violations) console.error(`${path}:${String(line)}: ${message}`);
console.log(`${String(files.length)} files checked, ${String(violations.length)} violations`);
process.exitCode = violations.length === 0 ? 0 : 1;
