import type { ToolCallUnderWay } from "../tool-stage.ts";

/**
 * What the breaker of a call is shared by: the endpoint that the tool names, by all runs of the process; without one the
 * tool within its run, for what fails one run (a locked order) may well serve another. Undefined: it has none.
 */
export function breakerKeyOf({ run, tool, input }: ToolCallUnderWay): string | undefined {
  const breaker = tool?.resilience.breaker ?? null;
  if (tool === undefined || breaker === null) return undefined;
  return breaker.endpoint === undefined
    ? `run ${run.runId} ${tool.name}`
    : `endpoint ${breaker.endpoint(input)} ${tool.name}`;
}
