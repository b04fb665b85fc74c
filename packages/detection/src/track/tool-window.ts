import type { RunState, ToolMark } from "./run-state.ts";
import { fewestSideCalls, sideToolsOf } from "./side-tools.ts";

const toolWindow = 20;

/** The mark that makes room: one of a side tool with more of them than it takes to know it, else the oldest. */
function leastTelling(tools: readonly ToolMark[]): number {
  const side = sideToolsOf(tools);
  if (side.size === 0) return 0;
  const index = tools.findIndex(
    ({ name }) => side.has(name) && tools.filter((mark) => mark.name === name).length > fewestSideCalls,
  );
  return Math.max(0, index);
}

/** The window of tool calls after one more. */
export function withinWindow(state: RunState, mark: ToolMark): Pick<RunState, "tools" | "leftOutUpTo"> {
  const tools = [...state.tools, mark];
  if (tools.length <= toolWindow) return { tools };
  const index = leastTelling(tools);
  const left = tools[index];
  const leftOutUpTo = Math.max(state.leftOutUpTo ?? 0, left?.sequence ?? 0);
  return { tools: tools.toSpliced(index, 1), leftOutUpTo };
}
