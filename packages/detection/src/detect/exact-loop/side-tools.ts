import type { ToolMark } from "../../track/run-state.ts";

const fewest = 3;

/**
 * Tools that answer every call alike, whatever they are told: loggers, notes, plans. A loop goes on between their calls.
 * An edit that is only acknowledged looks the same, so what is found without them has to be clearer.
 */
export function withoutSideTools(tools: readonly ToolMark[]): readonly ToolMark[] {
  const byName = new Map<number, ToolMark[]>();
  for (const mark of tools) byName.set(mark.name, [...(byName.get(mark.name) ?? []), mark]);
  const side = new Set<number>();
  for (const [name, marks] of byName) {
    const results = new Set(marks.map((mark) => mark.result));
    const calls = new Set(marks.map((mark) => mark.call));
    if (
      marks.length >= fewest &&
      results.size === 1 &&
      calls.size === marks.length &&
      marks.every((mark) => mark.outcome === "ok")
    )
      side.add(name);
  }
  return side.size === 0 ? tools : tools.filter((mark) => !side.has(mark.name));
}
