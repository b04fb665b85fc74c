import { describe, expect, test } from "vitest";
import { isTerminal, mayMove, runMoves, runStatuses } from "./run.ts";

const terminal = ["completed", "failed", "killed"] as const;

describe("moves of a run", () => {
  test("exactly completed, failed and killed are terminal", () => {
    expect(runStatuses.filter(isTerminal)).toEqual(terminal);
  });

  test.each(terminal)("a %s run has no moves", (status) => {
    expect(runStatuses.filter((to) => mayMove(status, to))).toEqual([]);
  });

  test.each(runStatuses.filter((status) => !isTerminal(status)))(
    "a %s run can be killed and can fail",
    (status) => {
      expect(mayMove(status, "killed")).toBe(true);
      expect(mayMove(status, "failed")).toBe(true);
    },
  );

  test("no status moves to itself", () => {
    for (const status of runStatuses) expect(runMoves[status]).not.toContain(status);
  });

  test("a paused run does not complete without running again", () => {
    expect(mayMove("paused", "completed")).toBe(false);
    expect(mayMove("paused", "running")).toBe(true);
  });

  test("every status is reachable from queued", () => {
    const reached = new Set<string>(["queued"]);
    for (const status of reached) {
      for (const next of runMoves[status as keyof typeof runMoves]) reached.add(next);
    }
    expect([...reached].sort()).toEqual([...runStatuses].sort());
  });
});
