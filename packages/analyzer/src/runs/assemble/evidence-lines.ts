import { type Message, type Step, textOf } from "@plumbline/contracts";
import type { EvidenceLine } from "./assembly-state.ts";

const maxLines = 64;
const maxLineChars = 160;
const maxTotalChars = 5_000;

function shortened(text: string): string {
  const line = text
    .slice(0, maxLineChars * 4)
    .replaceAll(/\s+/g, " ")
    .trim();
  return (line.length <= maxLineChars ? line : `${line.slice(0, maxLineChars - 1)}…`).toWellFormed();
}

function lastText(messages: readonly Message[]): string {
  const last = messages.findLast((message) => textOf(message) !== "");
  return last === undefined ? "" : textOf(last);
}

function lineOf(step: Step): EvidenceLine {
  const { stepId, sequence, name, model, tool } = step;
  const call = tool === null ? lastText(model?.newInputMessages ?? []) : tool.arguments;
  const returned =
    tool === null ? lastText(model?.output ?? []) : (tool.result ?? step.outcome.message ?? "");
  return { stepId, sequence, name, call: shortened(call), returned: shortened(returned) };
}

const sizeOf = ({ stepId, name, call, returned }: EvidenceLine): number =>
  stepId.length + name.length + call.length + returned.length;

/** Keeps a line of each of the latest steps. */
export function withEvidence(lines: readonly EvidenceLine[], step: Step): EvidenceLine[] {
  const others = lines.filter((line) => line.stepId !== step.stepId);
  const kept = step.retracted ? others : [...others, lineOf(step)];
  let total = 0;
  const firstKept = kept.findLastIndex((line) => (total += sizeOf(line)) > maxTotalChars);
  return kept.slice(Math.max(firstKept + 1, kept.length - maxLines));
}
