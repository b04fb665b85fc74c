import type { RunView, Suspicion } from "../detect/detector.ts";
import type { MonitorOutput } from "../monitor.ts";
import type { RunState } from "../track/run-state.ts";
import { advance, hasNews } from "./advance-episode.ts";
import type { Case } from "./case.ts";
import { type Episode, withEpisode } from "./episode.ts";
import { type Explained, explained, goesOnIn, mayGoTo, outranks, retold, withOthers } from "./explanation.ts";
import { findingOf } from "./finding-of.ts";
import { commandFor, withCommand } from "./issue-command.ts";
import { isStronger } from "./ladder.ts";
import { belongsTo, openEpisode } from "./open-episode.ts";
import { type Policy, ruleFor } from "./policy.ts";
import { settleEpisodes } from "./settle-episodes.ts";

interface Decided {
  episodes: readonly Episode[];
  outputs: MonitorOutput[];
}

/** The episode that a pattern belongs to, by its strongest explanation first. */
function episodeOf({ lead, others }: Explained, episodes: readonly Episode[]): Episode | undefined {
  const suspicions = [lead, ...others].map(({ suspicion }) => suspicion);
  return (
    suspicions.flatMap((one) => episodes.filter((episode) => belongsTo(episode, one)))[0] ??
    suspicions.flatMap((one) => episodes.filter((episode) => goesOnIn(episode, one)))[0]
  );
}

/**
 * The episode as this moment explains it; null when its present explanation is the better one and this one would not
 * go further.
 */
function toldBy({ lead, others }: Explained, known: Episode): Episode | null {
  const kinds = others.map(({ suspicion }) => suspicion.kind);
  if (known.kind === lead.suspicion.kind) return withOthers(known, kinds);
  const { intervention } = advance(lead, known);
  const goesFurther = isStronger(intervention, known.intervention) && mayGoTo(intervention, lead, known);
  if (!outranks(lead, known) && !goesFurther) return null;
  return withOthers(retold(known, lead), kinds);
}

function decideOne(pattern: Explained, episodes: readonly Episode[]): Decided {
  const { lead, others } = pattern;
  const known = episodeOf(pattern, episodes);
  const kinds = [lead, ...others].map(({ suspicion }) => suspicion.kind);
  const before = known === undefined ? withOthers(openEpisode(lead), kinds.slice(1)) : toldBy(pattern, known);
  if (known !== undefined && before === null)
    return { episodes: episodes.map((one) => (one === known ? withOthers(known, kinds) : one)), outputs: [] };
  return before === null ? { episodes, outputs: [] } : decideFor(lead, { known, before }, episodes);
}

function decideFor(
  subject: Case,
  { known, before }: { known: Episode | undefined; before: Episode },
  episodes: readonly Episode[],
): Decided {
  const after = advance(subject, before);
  const outputs: MonitorOutput[] = [];
  const isNews = hasNews(before, after);
  const command = commandFor(subject, after, episodes);
  const settled = command === null ? after : withCommand(subject, after, command);
  if (isNews) outputs.push({ type: "finding", finding: findingOf(subject, settled) });
  if (command !== null) outputs.push({ type: "command", command });
  const kept = isNews || command !== null ? settled : before;
  return { episodes: withEpisode(episodes, known, kept), outputs };
}

function afterCommands(state: RunState, outputs: readonly MonitorOutput[]): RunState {
  const verbs = new Set(
    outputs.flatMap((output) => (output.type === "command" ? [output.command.verb] : [])),
  );
  const nudged = verbs.has("nudge")
    ? { nudges: state.nudges + 1, lastNudgeCall: state.totals.toolCalls }
    : {};
  return { ...state, ...nudged, pauseIssued: state.pauseIssued || verbs.has("pause") };
}

export interface Suspected {
  suspicion: Suspicion;
  /** Version of the detector. */
  version: string;
}

/** Findings and commands for what the detectors suspect at this moment. */
export function decide(
  policy: Policy,
  view: RunView,
  suspected: readonly Suspected[],
): { state: RunState; outputs: MonitorOutput[] } {
  const outputs: MonitorOutput[] = [];
  let { state } = view;
  let episodes = settleEpisodes(
    view,
    suspected.map(({ suspicion }) => suspicion),
  );
  const cases = suspected.map(({ suspicion, version }): Case => {
    const rule = ruleFor(policy, state.identity.agentName, suspicion.kind);
    return { policy, rule, view, suspicion, version };
  });
  for (const { lead, others } of explained(cases)) {
    const decided = decideOne({ lead: { ...lead, view: { ...view, state } }, others }, episodes);
    ({ episodes } = decided);
    outputs.push(...decided.outputs);
    state = afterCommands(state, decided.outputs);
  }
  return { state: { ...state, episodes }, outputs };
}
