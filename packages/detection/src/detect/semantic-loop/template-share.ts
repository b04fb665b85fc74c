import { packedItems } from "../../features/pack.ts";
import type { ToolMark } from "../../track/run-state.ts";

/** Share of the calls' words that stand in every call: high for a template that is filled in, low for other words. */
export function templateShare(marks: readonly ToolMark[]): number {
  const calls = marks.map((mark) => new Set(packedItems(mark.words)));
  const first = [...(calls[0] ?? [])];
  const fixed = first.filter((word) => calls.every((words) => words.has(word))).length;
  const words = calls.reduce((sum, call) => sum + call.size, 0);
  return words === 0 ? 0 : (fixed * calls.length) / words;
}
