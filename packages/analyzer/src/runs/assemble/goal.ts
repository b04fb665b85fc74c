import { type Message, type Observation, textOf } from "@plumbline/contracts";
import type { GoalCandidate, Prompt } from "./assembly-state.ts";

const maxGoalChars = 4_000;

/** Higher is surer: what the application declared, what the agent was asked, what a wrapper around it was called with. */
const rank = { declared: 3, agentScope: 2, prompt: 2, otherScope: 1 } as const;

function isBetter(next: GoalCandidate, current: GoalCandidate | null): boolean {
  if (current === null || next.rank !== current.rank) return current === null || next.rank > current.rank;
  return next.atMs === current.atMs ? next.text < current.text : next.atMs < current.atMs;
}

function better(
  current: GoalCandidate | null,
  next: Omit<GoalCandidate, "text"> & { text: string | null },
): GoalCandidate | null {
  if (next.text === null || next.text.trim() === "") return current;
  const candidate = { ...next, text: next.text.slice(0, maxGoalChars).toWellFormed() };
  return isBetter(candidate, current) ? candidate : current;
}

function firstAsked(messages: readonly Message[]): string | null {
  const asked = messages.find((message) => message.role === "user" && textOf(message) !== "");
  return asked === undefined ? null : textOf(asked);
}

/** The goal after a prompt became known: what its first user message asks, if the prompt is known from its beginning. */
export function goalAfterPrompt(
  current: GoalCandidate | null,
  prompt: Prompt | null,
  atMs: number,
): GoalCandidate | null {
  if (prompt === null || prompt.baseCount > 0) return current;
  return better(current, { text: firstAsked(prompt.messages), rank: rank.prompt, atMs });
}

/** The goal after a record that may name it. */
export function goalAfter(current: GoalCandidate | null, observation: Observation): GoalCandidate | null {
  if (observation.kind === "run-start") {
    return better(current, { text: observation.goal, rank: rank.declared, atMs: observation.atMs });
  }
  if (observation.kind !== "scope-end") return current;
  const isAsked = observation.isAgent || observation.isRoot;
  return better(current, {
    text: observation.goal,
    rank: isAsked ? rank.agentScope : rank.otherScope,
    atMs: observation.startMs,
  });
}
