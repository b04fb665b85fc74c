import { Buffer } from "node:buffer";
import { type Message, type Step, textOf } from "@plumbline/contracts";
import type { EvidenceLine } from "./assembly-state.ts";
import { hashOf } from "./text-hash.ts";

const maxLines = 64;
const maxLineChars = 160;
const maxTotalChars = 5_000;

/** A part of a text keeps the whole in memory; this is one by itself, and well formed. */
const ownText = (part: string): string => Buffer.from(part, "utf8").toString("utf8");

function shortened(text: string): string {
  const line = text
    .slice(0, maxLineChars * 4)
    .replaceAll(/\s+/g, " ")
    .trim();
  return ownText(line.length <= maxLineChars ? line : `${line.slice(0, maxLineChars - 1)}…`);
}

function lastText(messages: readonly Message[]): string {
  const last = messages.findLast((message) => textOf(message) !== "");
  return last === undefined ? "" : textOf(last);
}

function lineOf(step: Step): EvidenceLine {
  const { stepId, model, tool } = step;
  const call = tool === null ? lastText(model?.newInputMessages ?? []) : tool.arguments;
  const returned =
    tool === null ? lastText(model?.output ?? []) : (tool.result ?? step.outcome.message ?? "");
  return { step: hashOf(stepId), call: shortened(call), returned: shortened(returned) };
}

/** What a line takes besides its texts. */
const frameChars = 50;
const sizeOf = ({ call, returned }: EvidenceLine): number => frameChars + call.length + returned.length;

/** Keeps a line of each of the latest steps. */
export function withEvidence(lines: readonly EvidenceLine[], step: Step): EvidenceLine[] {
  const key = hashOf(step.stepId);
  const others = lines.filter((line) => line.step !== key);
  const kept = step.retracted ? others : [...others, lineOf(step)];
  let total = 0;
  const firstKept = kept.findLastIndex((line) => (total += sizeOf(line)) > maxTotalChars);
  return kept.slice(Math.max(firstKept + 1, kept.length - maxLines));
}
