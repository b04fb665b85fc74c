import { fullStepId } from "../../track/step-ids.ts";
import { has, type ModelMark } from "../../track/run-state.ts";
import { nameOf, type RunView, type Suspicion } from "../detector.ts";
import type { ExactLoopConfig } from "./config.ts";

/** The same message of one agent again and again, while no call brought anything in between. */
export function repeatedMessage(view: RunView, last: ModelMark, config: ExactLoopConfig): Suspicion | null {
  if (last.text === 0 || last.user === 2) return null;
  const own = view.models
    .filter((mark) => mark.agent === last.agent && mark.text !== 0)
    .slice(-config.messagesWithin);
  const equal = own.filter((mark) => mark.text === last.text);
  const first = equal.at(-config.messages);
  if (first === undefined) return null;
  const fruitful = view.tools.some(
    (mark) => mark.sequence > first.sequence && (mark.gain >= 0.2 || has(mark, "act")),
  );
  const asked = view.models.some((mark) => mark.sequence > first.sequence && mark.user === 2);
  if (fruitful || asked) return null;
  const name = view.state.names[last.agent]?.name ?? nameOf(view, last);
  return {
    kind: "exact-loop",
    signature: `text.${String(last.text)}`,
    confidence: 0.9,
    urgency: "at-once",
    summary: `${name} said the same ${String(equal.length)} times, and no call in between brought anything new.`,
    ruledOut: "not an announcement before new attempts: nothing was tried that brought anything",
    evidence: equal.map((mark) => ({
      stepId: fullStepId(view.state.traces, mark.id),
      sequence: mark.sequence,
      name,
      broughtNew: false,
    })),
    facts: { names: [name], count: equal.length },
  };
}
