import { oncePerObject } from "@plumbline/contracts";
import { endOf, startMsOf, type ToolRecord } from "./assembly-state.ts";
import { comparableArguments } from "./comparable-arguments.ts";
import type { RequestedCall } from "./requested-calls.ts";

/** Clocks and rounding of one process. */
const slackMs = 5;

const callIdOf = (tool: ToolRecord): string | null => endOf(tool)?.callId ?? tool.start?.callId ?? null;
const nameOf = (tool: ToolRecord): string => endOf(tool)?.toolName ?? tool.start?.toolName ?? "";
const argumentsOf = (tool: ToolRecord): string => endOf(tool)?.arguments ?? tool.start?.arguments ?? "";

/** Records are never changed: the arguments of each are put in order once. */
const comparableOf = oncePerObject((tool: ToolRecord) => comparableArguments(argumentsOf(tool)));

function fitsInTime(tool: ToolRecord, call: RequestedCall): boolean {
  const startMs = startMsOf(tool);
  if (startMs + slackMs < call.requestedAtMs) return false;
  return call.answeredAtMs === null || startMs <= call.answeredAtMs + slackMs;
}

type Match = (tool: ToolRecord, call: RequestedCall) => boolean;

const sameName: Match = (tool, call) => nameOf(tool) === call.name;
const sameArguments: Match = (tool, call) =>
  argumentsOf(tool) !== "" && comparableOf(tool) === call.comparableArguments;

/** From the surest sign to the weakest. A span whose call id no message knows is matched like one without. */
const matches: readonly Match[] = [
  (tool, call) => callIdOf(tool) !== null && callIdOf(tool) === call.callId,
  (tool, call) => sameName(tool, call) && fitsInTime(tool, call) && sameArguments(tool, call),
  (tool, call) => sameName(tool, call) && fitsInTime(tool, call),
  (tool, call) => fitsInTime(tool, call) && sameArguments(tool, call),
  (tool, call) => sameName(tool, call),
  (tool, call) => fitsInTime(tool, call),
];

/**
 * Finds for each tool span the call in the messages that it carried out.
 * @param tools in the order of their start
 * @param calls in the order in which they were asked for
 * @returns calls by the position of their tool in `tools`
 */
export function linkTools(
  tools: readonly ToolRecord[],
  calls: readonly RequestedCall[],
): Map<ToolRecord, RequestedCall> {
  const links = new Map<ToolRecord, RequestedCall>();
  const taken = new Set<RequestedCall>();
  for (const isMatch of matches) {
    if (links.size === tools.length || taken.size === calls.length) break;
    for (const tool of tools) {
      if (links.has(tool)) continue;
      const call = calls.find((candidate) => !taken.has(candidate) && isMatch(tool, candidate));
      if (call === undefined) continue;
      links.set(tool, call);
      taken.add(call);
    }
  }
  return links;
}
