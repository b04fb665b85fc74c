import type { ToolMark } from "../../track/run-state.ts";
import { type Detector, nameOf, type RunView, suspectOf, type Suspicion } from "../detector.ts";
import { type InvalidCallConfig, invalidCallDefaults } from "./config.ts";

interface Invalid {
  marks: readonly ToolMark[];
  what: "unknown-tool" | "bad-arguments" | "ungrounded";
  confidence: number;
}

const namesOf = (view: RunView, marks: readonly ToolMark[]): string[] => [
  ...new Set(marks.map((mark) => nameOf(view, mark))),
];

function summaryOf(view: RunView, { marks, what }: Invalid): string {
  const name = nameOf(view, marks.at(-1) as ToolMark);
  const names = namesOf(view, marks);
  if (what === "unknown-tool" && names.length > 1)
    return `Tools that do not exist were called: ${names.slice(-3).join(", ")}.`;
  if (what === "unknown-tool") return `${name} does not exist, and was called ${String(marks.length)} times.`;
  if (what === "bad-arguments")
    return `${name} rejected the form of its arguments ${String(marks.length)} times in a row.`;
  return `${name} was called with an id that appears nowhere in the run before.`;
}

function suspicionOf(view: RunView, invalid: Invalid): Suspicion {
  const last = invalid.marks.at(-1) as ToolMark;
  const names = namesOf(view, invalid.marks);
  return {
    kind: "invalid-call",
    signature: names.length > 1 ? invalid.what : `${invalid.what}.${String(last.name)}`,
    confidence: invalid.confidence,
    urgency: "warn",
    summary: summaryOf(view, invalid),
    ruledOut:
      invalid.what === "ungrounded"
        ? "not the next item of a series, and not from the goal, a person or a result"
        : "",
    evidence: invalid.marks.map((mark) => suspectOf(view, mark)),
    facts: { names, count: invalid.marks.length },
  };
}

function inRow(view: RunView, last: ToolMark): ToolMark[] {
  const own = view.tools.filter((mark) => mark.name === last.name);
  const other = own.findLastIndex((mark) => mark.misuse !== last.misuse);
  return own.slice(other + 1);
}

/** Ever other names of tools that don't exist. */
function inventedTools(view: RunView, last: ToolMark, config: InvalidCallConfig): ToolMark[] | null {
  if (last.misuse !== "unknown-tool") return null;
  const marks = view.tools.filter((mark) => mark.misuse === "unknown-tool");
  return namesOf(view, marks).length >= config.unknownNames ? marks : null;
}

function ungrounded(view: RunView, last: ToolMark, config: InvalidCallConfig): Invalid | null {
  if (last.strays === undefined) return null;
  const { topic, totals } = view.state;
  const usesIds = topic.groundedCalls >= config.groundedCalls;
  const neverDid =
    topic.groundedCalls === 0 && totals.toolCalls > config.callsBefore && !hadStrays(view, last);
  return usesIds || neverDid ? { marks: [last], what: "ungrounded", confidence: usesIds ? 0.85 : 0.7 } : null;
}

const hadStrays = (view: RunView, last: ToolMark): boolean =>
  view.tools.some((mark) => mark !== last && mark.strays !== undefined);

function invalidOf(view: RunView, last: ToolMark, config: InvalidCallConfig): Invalid | null {
  if (last.misuse !== undefined) {
    const marks = inRow(view, last);
    const needed = last.misuse === "unknown-tool" ? config.unknownTools : config.badArguments;
    if (marks.length >= needed) return { marks, what: last.misuse, confidence: 0.9 };
    const invented = inventedTools(view, last, config);
    if (invented !== null) return { marks: invented, what: last.misuse, confidence: 0.9 };
  }
  return ungrounded(view, last, config);
}

/** Unknown tool, arguments that break the schema, or ids that appear nowhere in the run. */
export const invalidCall: Detector<InvalidCallConfig> = {
  kind: "invalid-call",
  version: "1",
  defaults: invalidCallDefaults,
  inspect(view, config) {
    if (view.latest?.kind !== "tool") return null;
    const invalid = invalidOf(view, view.latest.mark, config);
    return invalid === null ? null : suspicionOf(view, invalid);
  },
};
