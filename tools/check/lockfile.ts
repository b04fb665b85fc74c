import { violationsByLine, type TextFile, type Violation } from "./violation.ts";

const rule = {
  pattern: /"resolved":\s*"[a-z+]+:\/\//,
  message: "The lockfile names a host; delete the line, or install again with the .npmrc of this repository.",
};

/** `omit-lockfile-registry-resolved` keeps hosts out, so that a clone installs from whatever registry it has. */
export function checkLockfile(file: TextFile): Violation[] {
  return file.path === "package-lock.json" ? violationsByLine(file, [rule]) : [];
}
