import { has, type ToolMark } from "./run-state.ts";

/** Calls of one tool from which on it is told whether its answers ever matter. */
export const fewestSideCalls = 3;

/** Whether a tool answered every call alike, whatever it was told, or never with more than an acknowledgement. */
function answersAlike(marks: readonly ToolMark[]): boolean {
  if (marks.some((mark) => mark.outcome !== "ok" || mark.failure !== 0)) return false;
  if (marks.every((mark) => has(mark, "ack"))) return true;
  const calls = new Set(marks.map((mark) => mark.call));
  if (calls.size < marks.length) return false;
  return marks.every((mark) => mark.result === marks[0]?.result) || countsUp(marks);
}

/** Every answer is the one before with a higher number: the entries of a log, not what somebody looks up. */
function countsUp(marks: readonly ToolMark[]): boolean {
  return marks.every(({ tally }, index) => {
    const before = marks[index - 1]?.tally;
    if (tally === undefined) return false;
    return index === 0 || (before !== undefined && before.form === tally.form && before.count < tally.count);
  });
}

/** Names of side tools: loggers, notes, plans, heartbeats. Nothing in the run can depend on what they answer. */
export function sideToolsOf(tools: readonly ToolMark[]): ReadonlySet<number> {
  const byName = new Map<number, ToolMark[]>();
  for (const mark of tools) {
    const own = byName.get(mark.name);
    if (own === undefined) byName.set(mark.name, [mark]);
    else own.push(mark);
  }
  const side = new Set<number>();
  for (const [name, marks] of byName)
    if (marks.length >= fewestSideCalls && answersAlike(marks)) side.add(name);
  return side;
}
