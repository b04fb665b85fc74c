import { fullStepId } from "../../track/step-ids.ts";
import { type Link, shareOf } from "../../track/topic.ts";
import { type Detector, nameOf, type RunView, type Suspicion } from "../detector.ts";
import { type GoalDriftConfig, goalDriftDefaults } from "./config.ts";

interface Shares {
  window: number;
  windowWeight: number;
  short: number;
  /** How many words the short window holds, weighed. */
  shortWeight: number;
  /** The run's share before the window. */
  usual: number;
}

const weightOf = (links: readonly Link[]): number => links.reduce((sum, link) => sum + link.all, 0);

function sharesOf(view: RunView, config: GoalDriftConfig): Shares | null {
  const { topic } = view.state;
  if (topic.links.length < config.acts || topic.acts - topic.links.length < config.minimumBefore) return null;
  const earlier: Link[] = [topic.before, ...topic.links.slice(0, -config.shortActs)];
  const recent = topic.links.slice(-config.shortActs);
  return {
    window: shareOf(topic.links),
    windowWeight: weightOf(topic.links),
    short: shareOf(recent),
    shortWeight: weightOf(recent),
    usual: shareOf(earlier),
  };
}

/** The last calls are all of tools that the run had not used before. */
function changedTools(view: RunView, config: GoalDriftConfig): boolean {
  const last = view.tools.slice(-config.newTools);
  const before = new Set(view.tools.slice(0, -config.newTools).map((mark) => mark.name));
  return (
    before.size > 0 &&
    view.tools.length >= 2 * config.newTools &&
    last.every((mark) => !before.has(mark.name))
  );
}

function hasDrifted(shares: Shares, isElsewhere: boolean, config: GoalDriftConfig): boolean {
  const share = isElsewhere ? config.newToolsShare : config.share;
  const shortShare = isElsewhere ? config.newToolsShortShare : config.shortShare;
  if (shares.window < share && shares.windowWeight >= config.windowWeight) return true;
  if (shares.shortWeight < config.shortWeight) return false;
  return shares.short < shortShare && shares.short < config.shortRatio * shares.usual;
}

function suspicionOf(view: RunView, shares: Shares, config: GoalDriftConfig): Suspicion {
  const recent = [...view.tools, ...view.models].sort((a, b) => a.sequence - b.sequence).slice(-config.acts);
  const percent = Math.round(100 * Math.min(shares.window, shares.short));
  return {
    kind: "goal-drift",
    signature: `drift.${String(Math.floor(view.state.topic.acts / (4 * config.acts)))}`,
    confidence: Math.min(0.9, 0.6 + (config.share - Math.min(shares.window, config.share))),
    urgency: "warn",
    summary: `The last ${String(config.acts)} steps share ${String(percent)} % of their words with the goal and with what the run knew before (${String(Math.round(100 * shares.usual))} % earlier).`,
    ruledOut: "not a new request: what people say counts as known at once",
    evidence: recent.map((mark) => ({
      stepId: fullStepId(view.state.traces, mark.id),
      sequence: mark.sequence,
      name: nameOf(view, mark),
      broughtNew: mark.gain > 0,
    })),
    facts: { names: [], count: config.acts },
  };
}

const loops: ReadonlySet<string> = new Set(["exact-loop", "semantic-loop", "no-progress", "retry-storm"]);

/** The last steps serve something other than the goal: they speak neither of it nor of anything the run knew before. */
export const goalDrift: Detector<GoalDriftConfig> = {
  kind: "goal-drift",
  version: "1",
  defaults: goalDriftDefaults,
  inspect(view, config) {
    // A run that is stuck says nothing of its goal either; that is not drift.
    if (view.latest === null || view.state.episodes.some((episode) => loops.has(episode.kind))) return null;
    const shares = sharesOf(view, config);
    return shares !== null && hasDrifted(shares, changedTools(view, config), config)
      ? suspicionOf(view, shares, config)
      : null;
  },
};
