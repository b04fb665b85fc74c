import type { ToolCallUnderWay } from "../tool-stage.ts";

/** What the breaker of a call is shared by: tool, and endpoint where the tool names one. Undefined: it has none. */
export function breakerKeyOf({ tool, input }: ToolCallUnderWay): string | undefined {
  const breaker = tool?.resilience.breaker ?? null;
  if (tool === undefined || breaker === null) return undefined;
  return `${tool.name}\n${breaker.endpoint?.(input) ?? ""}`;
}
