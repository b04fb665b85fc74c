import { has } from "../../track/run-state.ts";
import { fullStepId } from "../../track/step-ids.ts";
import { shareOf, sumOf } from "../../track/topic.ts";
import { type Detector, nameOf, type RunView, type Suspicion } from "../detector.ts";
import { driftWeights, type GoalDriftConfig, goalDriftDefaults } from "./config.ts";
import { type DriftFacts, driftFactsOf } from "./drift-facts.ts";

/** The facts weighed and added up. */
function evidenceOf(facts: DriftFacts): number {
  const names = Object.keys(driftWeights) as (keyof DriftFacts)[];
  return names.reduce((sum, name) => sum + driftWeights[name] * facts[name], 0);
}

const percent = (share: number): string => String(Math.round(100 * share));

function suspicionOf(view: RunView, surplus: number): Suspicion {
  const { topic } = view.state;
  const acts = topic.links.length;
  const recent = [...view.tools, ...view.models].sort((a, b) => a.sequence - b.sequence).slice(-acts);
  const window = sumOf(topic.links);
  return {
    kind: "goal-drift",
    signature: `drift.${String(Math.floor(topic.acts / (4 * acts)))}`,
    confidence: Math.min(0.9, 0.6 + 0.1 * surplus),
    urgency: "warn",
    summary: `The last ${String(acts)} steps share ${percent(shareOf(window))} % of their words with the goal and with what the run knew before (${percent(shareOf(topic.before))} % earlier).`,
    ruledOut: "not a new request: what people say counts as known at once",
    evidence: recent.map((mark) => ({
      stepId: fullStepId(view.state.traces, mark.id),
      sequence: mark.sequence,
      name: nameOf(view, mark),
      broughtNew: mark.gain > 0,
    })),
    facts: { names: [], count: acts },
  };
}

const fruitlessCalls = 3;

/** The last calls told nothing new and changed nothing. */
function isFruitless({ tools }: RunView): boolean {
  const last = tools.slice(-fruitlessCalls);
  return last.length === fruitlessCalls && last.every((mark) => mark.gain === 0 && !has(mark, "act"));
}

const loops: ReadonlySet<string> = new Set(["exact-loop", "semantic-loop", "no-progress", "retry-storm"]);

/** The last steps serve something other than the goal: they speak neither of it nor of anything the run knew before. */
export const goalDrift: Detector<GoalDriftConfig> = {
  kind: "goal-drift",
  version: "2",
  defaults: goalDriftDefaults,
  inspect(view, config) {
    // A run that is stuck says nothing of its goal either; that is not drift.
    if (view.latest === null || isFruitless(view)) return null;
    if (view.state.episodes.some((episode) => loops.has(episode.kind))) return null;
    const facts = driftFactsOf(view.state);
    const surplus = facts === null ? -1 : evidenceOf(facts) - config.evidence;
    return surplus > 0 ? suspicionOf(view, surplus) : null;
  },
};
