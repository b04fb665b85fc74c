import { type FindingKind, findingKinds, interventions } from "@plumbline/contracts";
import { defaultsOf } from "../detect/registry.ts";
import { rankOf } from "./ladder.ts";
import { type Policy, ruleFor } from "./policy.ts";

/*
 * Owns: which settings of a policy that fits its schema can have no effect.
 * Does not own: the schema (policy.ts). Only what somebody set is told; a default is never a problem.
 */

/** Calls that are remembered of a run: what counts more of them never comes about. */
const rememberedCalls = 20;
const countsCalls: Readonly<Partial<Record<FindingKind, readonly string[]>>> = {
  "exact-loop": ["streak", "contentStreak", "blankStreak", "waitingStreak", "backoffStreak", "staleCalls"],
  "retry-storm": ["sameFailures", "backoffFailures", "anyFailures", "barrenFailures"],
  "semantic-loop": ["calls", "emptyPages"],
  "no-progress": ["unchanged", "unchangedAnswer", "unchangedDespiteNews"],
};

/** A count and the stretch that it is counted in. */
const countedWithin: readonly (readonly [kind: FindingKind, count: string, within: string])[] = [
  ["exact-loop", "scattered", "within"],
  ["exact-loop", "scatteredContent", "within"],
  ["exact-loop", "scatteredBlank", "within"],
  ["exact-loop", "insisted", "insistedWithin"],
  ["exact-loop", "messages", "messagesWithin"],
  ["semantic-loop", "calls", "within"],
];

/** How far a detector ever asks to go, whatever it is allowed. */
const asksFor: Readonly<Partial<Record<FindingKind, "observe" | "nudge">>> = {
  "goal-drift": "nudge",
  "hidden-failure": "nudge",
  "invalid-call": "nudge",
  "context-growth": "observe",
};

/** Where in a policy a setting stands: for every agent, or for one. */
interface Place {
  policy: Policy;
  /** Null for all agents. */
  agent: string | null;
  kind: FindingKind;
}

function pathOf({ agent, kind }: Place, setting: string): string {
  const below = `detectors.${kind}.${setting}`;
  return agent === null ? below : `agents.${agent}.${below}`;
}

function givenAt({ policy, agent, kind }: Place) {
  return (agent === null ? policy.detectors : policy.agents[agent]?.detectors)?.[kind] ?? {};
}

const ruleAt = ({ policy, agent, kind }: Place) => ruleFor(policy, agent ?? "", kind);

function thresholdProblems(place: Place): string[] {
  const { kind } = place;
  const defaults = defaultsOf(kind);
  return Object.entries(givenAt(place).thresholds ?? {}).flatMap(([name, value]) => {
    const path = pathOf(place, `thresholds.${name}`);
    if (!(name in defaults)) {
      const known = Object.keys(defaults).join(", ");
      return [`${path}: ${kind} has no such threshold; it has ${known === "" ? "none" : known}.`];
    }
    if (countsCalls[kind]?.includes(name) === true && value > rememberedCalls)
      return [
        `${path}: ${String(value)} is never reached; ${String(rememberedCalls)} calls of a run are remembered.`,
      ];
    return [];
  });
}

function countProblems(place: Place): string[] {
  const { kind } = place;
  const given = givenAt(place).thresholds ?? {};
  const inForce: Readonly<Record<string, number>> = { ...defaultsOf(kind), ...ruleAt(place).thresholds };
  return countedWithin.flatMap(([of, count, within]) => {
    const [needed = 0, stretch = 0] = [inForce[count], inForce[within]];
    const isSet = count in given || within in given;
    if (of !== kind || !isSet || needed <= stretch) return [];
    return [
      `${pathOf(place, `thresholds.${count}`)}: ${String(needed)} never fit into ${within} ${String(stretch)}.`,
    ];
  });
}

function ladderProblems(place: Place): string[] {
  const { policy, kind } = place;
  const { upTo } = givenAt(place);
  if (upTo === undefined) return [];
  const highest = asksFor[kind];
  if (highest !== undefined && rankOf(upTo) > rankOf(highest))
    return [`${pathOf(place, "upTo")}: ${kind} never goes further than ${highest}.`];
  if (upTo === "kill" && policy.killAfterIgnoredPauseMs === null)
    return [`${pathOf(place, "upTo")}: nothing is killed while killAfterIgnoredPauseMs is not set.`];
  return [];
}

function switchProblems(place: Place): string[] {
  const given = givenAt(place);
  const isMoot = !ruleAt(place).enabled;
  const set = ["enforce", "upTo", "thresholds"].filter(
    (name) => name in given && Reflect.get(given, name) !== undefined,
  );
  return isMoot && set.length > 0
    ? set.map((name) => `${pathOf(place, name)}: the detector is switched off.`)
    : [];
}

function placesIn(policy: Policy): Place[] {
  const agents = [null, ...Object.keys(policy.agents)];
  return agents.flatMap((agent) => findingKinds.map((kind) => ({ policy, agent, kind })));
}

function killProblems(policy: Policy): string[] {
  if (policy.killAfterIgnoredPauseMs === null) return [];
  const kills = placesIn(policy).some((place) => ruleAt(place).upTo === interventions.at(-1));
  return kills
    ? []
    : ["killAfterIgnoredPauseMs: no detector's upTo is kill, so that nothing is ever killed."];
}

function nudgeProblems(policy: Policy): string[] {
  return Object.keys(policy.nudgeTexts).flatMap((name) => {
    const kind = findingKinds.find((one) => one === name);
    if (kind === undefined) return [];
    const { enabled, upTo } = ruleFor(policy, "", kind);
    const isSaid = enabled && upTo !== "observe" && asksFor[kind] !== "observe" && policy.maxNudges > 0;
    return isSaid ? [] : [`nudgeTexts.${kind}: it is never said, for nothing nudges for ${kind}.`];
  });
}

/** Settings of a policy that can have no effect, one sentence each: a limit that can't bite protects nobody. */
export function policyProblems(policy: Policy): string[] {
  const ofDetectors = placesIn(policy).flatMap((place) => [
    ...switchProblems(place),
    ...thresholdProblems(place),
    ...countProblems(place),
    ...ladderProblems(place),
  ]);
  return [...ofDetectors, ...killProblems(policy), ...nudgeProblems(policy)];
}
