import { violationsByLine, type LineRule, type TextFile, type Violation } from "./violation.ts";

const rules: readonly LineRule[] = [
  {
    pattern: /(?<![\w.~-])\/(?:work\/(?:main|shared|notes|\.\w+)|root\/\w|root\/\.\w)/,
    message: "A path of one machine means nothing elsewhere: use a relative one.",
  },
  {
    pattern: /\bregistry\.(?:npmjs|yarnpkg)\.|\brepo\d?\.maven\.|\bproxy\.golang\.|\bartifactory\b/,
    message: "Registry hosts belong to each machine's own configuration.",
  },
  {
    pattern: /\b(?:issue|issues|fixes|closes|resolves|pull request)\s+#?\d+\b/i,
    message: "An issue number is not a reason: say the reason.",
  },
  {
    pattern: /\bfacts\/[a-z-]+(?:\.md\b|\s+§)/,
    message: "The notes named here are not part of the repository: say the fact, or write docs/decisions/.",
  },
];

/** What a repository must not know: the machine it was written on, and who asked for what. */
export function checkMachineTraces(file: TextFile): Violation[] {
  return violationsByLine(file, rules);
}
