import { violationsByLine, type LineRule, type TextFile, type Violation } from "./violation.ts";

const sourcePath = /^(?:packages|tools|test|bench|examples)\/.*\.(?:ts|tsx|mts)$/;
const unitPath = /^packages\/[^/]+\/src\//;
const timeOwnerPath =
  /(?:^packages\/contracts\/src\/clock\.ts|^packages\/cli\/src\/(?:up\.ts|up\/.*|compose\/.*)|\/(?:main|register)\.ts)$/;

const exportRule: LineRule = {
  pattern: /^\s*export\s+(?:type\s+)?\*/,
  message: "Name what is exported: `export *` hides the public surface.",
};
const dateRule: LineRule = {
  pattern: /\bnew Date\(\s*\)|(?<!new )\bDate\(\s*\)/,
  message: "Take time as a parameter (contracts: Clock): a date without an argument reads the clock.",
};

/** House rules on sources that the linter has no rule for. */
export function checkSource(file: TextFile): Violation[] {
  if (!sourcePath.test(file.path)) return [];
  const readsTimeItself = !unitPath.test(file.path) || timeOwnerPath.test(file.path);
  return violationsByLine(file, readsTimeItself ? [exportRule] : [exportRule, dateRule]);
}
