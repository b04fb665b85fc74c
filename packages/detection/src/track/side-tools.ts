import { has, type ToolMark } from "./run-state.ts";

/** Calls of one tool from which on it is told whether its answers ever matter. */
export const fewestSideCalls = 3;

/** Whether the calls of a tool that always worked were answered alike, or with no more than an acknowledgement. */
function answersAlike(marks: readonly ToolMark[]): boolean {
  if (marks.every((mark) => has(mark, "ack"))) return true;
  const isAlike = marks.every((mark) => mark.result === marks[0]?.result) || countsUp(marks);
  return isAlike && new Set(marks.map((mark) => mark.call)).size === marks.length;
}

/** Every answer is the one before with a higher number: the entries of a log, not what somebody looks up. */
function countsUp(marks: readonly ToolMark[]): boolean {
  return marks.every(({ tally }, index) => {
    const before = marks[index - 1]?.tally;
    if (tally === undefined) return false;
    return index === 0 || (before !== undefined && before.form === tally.form && before.count < tally.count);
  });
}

/** How often each tool was called, by name; none for a tool that failed once. */
function workingCalls(tools: readonly ToolMark[]): number[] {
  const counts: number[] = [];
  for (const { name, outcome, failure } of tools) {
    const works = outcome === "ok" && failure === 0;
    counts[name] = works ? (counts[name] ?? 0) + 1 : Number.NEGATIVE_INFINITY;
  }
  return counts;
}

const noTools: ReadonlySet<number> = new Set();

/** Names of side tools: loggers, notes, plans, heartbeats. Nothing in the run can depend on what they answer. */
export function sideToolsOf(tools: readonly ToolMark[]): ReadonlySet<number> {
  let side: Set<number> | undefined;
  workingCalls(tools).forEach((count, name) => {
    if (count < fewestSideCalls || !answersAlike(tools.filter((mark) => mark.name === name))) return;
    side ??= new Set();
    side.add(name);
  });
  return side ?? noTools;
}
