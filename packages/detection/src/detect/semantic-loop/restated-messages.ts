import { packedItems } from "../../features/pack.ts";
import { isRestated } from "../../track/model-window.ts";
import type { ModelMark } from "../../track/run-state.ts";
import { barrenStep, type RunView, type Suspicion } from "../detector.ts";
import type { SemanticLoopConfig } from "./config.ts";

/** Of fewer words nothing can be told: "step 3", "next". */
const fewestWords = 4;

/** The last things an agent said in a row: nobody else spoke, nothing was called, and no person said anything new. */
function saidInRow({ models, tools }: RunView, last: ModelMark): ModelMark[] {
  const called = tools.at(-1)?.sequence ?? 0;
  const start = models.findLastIndex(
    (mark) => mark.agent !== last.agent || mark.text === 0 || mark.user === 2 || mark.sequence < called,
  );
  const row = models.slice(start + 1);
  return row.filter((mark, index) => !isRestated(row[index - 1], mark));
}

/** To others, words are acts: an agent that others work for asks them for things. */
const isAlone = ({ models, tools }: RunView, { agent }: ModelMark): boolean =>
  [...models, ...tools].every((mark) => mark.agent === agent);

/** An agent that says in ever other words what it said before, and does nothing. */
export function restatedMessages(
  view: RunView,
  last: ModelMark,
  config: SemanticLoopConfig,
): Suspicion | null {
  const row = saidInRow(view, last);
  if (row.length < config.messages || !isAlone(view, last)) return null;
  if (row.some(({ words }) => packedItems(words).length < fewestWords)) return null;
  const later = row.slice(1);
  const news = later.reduce((sum, { gain }) => sum + gain, 0) / later.length;
  if (news > config.messageNews || last.gain > config.messageNews) return null;
  const name = view.state.names[last.agent]?.name ?? "";
  return {
    kind: "semantic-loop",
    signature: `said.${String(last.agent)}`,
    confidence: Math.min(0.9, 0.9 - news / 2),
    urgency: row.length >= config.messagesHeld ? "after-nudge" : "ladder",
    summary: `${name} said the same thing ${String(row.length)} times in other words, and called nothing in between.`,
    ruledOut: "not a text in parts: hardly a word in it is new",
    evidence: row.map(({ id, sequence }) => barrenStep(view, { id, sequence, name })),
    facts: { names: [name], count: row.length, said: true },
  };
}
