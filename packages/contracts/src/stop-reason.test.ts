import { expect, test } from "vitest";
import { findingKinds, stopReasonOfFinding } from "./finding.ts";
import { adviceFor, stopReasons } from "./stop-reason.ts";

test.each(stopReasons)("%s says what happened and what is usually done next", (reason) => {
  const { meaning, nextCommand } = adviceFor(reason, "r-7f3a");
  expect(meaning).toMatch(/^[A-Z].*\.$/);
  expect(nextCommand).not.toContain("RUN");
  expect(nextCommand).toMatch(/^$|^plumbline /);
});

test("the run is filled in where the command names one", () => {
  expect(adviceFor("USER_PAUSED", "r-7f3a").nextCommand).toBe("plumbline resume r-7f3a");
});

test("a run id with dollar signs is filled in as it is", () => {
  expect(adviceFor("USER_PAUSED", "a$&b$1").nextCommand).toBe("plumbline resume a$&b$1");
});

test("nothing is to be done about a run that ended well or was killed on purpose", () => {
  expect(adviceFor("COMPLETED", "r").nextCommand).toBe("");
  expect(adviceFor("USER_KILLED", "r").nextCommand).toBe("");
});

test("every kind of finding that stops a run has a stop reason that exists", () => {
  const reasons = findingKinds.map((kind) => stopReasonOfFinding[kind]).filter((reason) => reason !== null);
  expect(reasons.length).toBe(findingKinds.length - 1);
  for (const reason of reasons) expect(stopReasons).toContain(reason);
});
