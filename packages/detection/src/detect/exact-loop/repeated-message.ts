import { isRestated } from "../../track/model-window.ts";
import { has, type ModelMark } from "../../track/run-state.ts";
import { barrenStep, nameOf, type RunView, type Suspicion } from "../detector.ts";
import type { ExactLoopConfig } from "./config.ts";

/**
 * An agent's messages without those that came twice: a reply that was asked for anew, or delivered under a second id,
 * is said once. What is said more often with nothing in between is no delivery any more.
 */
function saidBy(agent: number, { models, tools }: RunView, config: ExactLoopConfig): ModelMark[] {
  const said: ModelMark[] = [];
  let row: ModelMark[] = [];
  const close = (): void => {
    said.push(...(row.length < config.messages ? row.slice(0, 1) : row));
    row = [];
  };
  models.forEach((mark, index) => {
    const before = models[index - 1];
    const isInterrupted = tools.some(
      ({ sequence }) => sequence > (before?.sequence ?? 0) && sequence < mark.sequence,
    );
    if (isInterrupted || !isRestated(before, mark)) close();
    row.push(mark);
  });
  close();
  return said.filter((mark) => mark.agent === agent && mark.text !== 0);
}

/** The same message of one agent again and again, while no call brought anything in between. */
export function repeatedMessage(view: RunView, last: ModelMark, config: ExactLoopConfig): Suspicion | null {
  if (last.text === 0 || last.user === 2) return null;
  const own = saidBy(last.agent, view, config).slice(-config.messagesWithin);
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
    evidence: equal.map(({ id, sequence }) => barrenStep(view, { id, sequence, name })),
    facts: { names: [name], count: equal.length, said: true },
  };
}
