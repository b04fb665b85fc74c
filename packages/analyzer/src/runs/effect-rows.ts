import { storedFindingSpans } from "../act/finding-span.ts";
import type { Rows } from "../persist/rows.ts";
import type { Effects } from "./effects.ts";

/** The rows that follow from a record, without the summaries of runs. */
export function rowsOf(effects: Effects): Rows {
  const { steps, scores, findings, directives, approvals, checkpoints, foldedCommands, foldedAcks } = effects;
  return {
    otel_traces: effects.raised.flatMap(storedFindingSpans),
    steps,
    scores,
    findings,
    directives,
    approvals,
    checkpoints,
    commands: foldedCommands,
    acks: foldedAcks,
  };
}
