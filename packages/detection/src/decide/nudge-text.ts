import type { FindingKind } from "@plumbline/contracts";
import type { Suspicion } from "../detect/detector.ts";

const templates: Record<FindingKind, string> = {
  "exact-loop":
    "You have called {names} {count} times with the same arguments and got the same result each time; nothing new comes from repeating it. Use what you already know, change the arguments or the tool, or say plainly what is missing.",
  "semantic-loop":
    "You have asked {names} for the same thing {count} times in other words, and the outcome was the same each time. It is unlikely to be there. Try another source or tool, question the assumption behind it, or report that it was not found.",
  "no-progress":
    "The outcome of {names} has not changed over your last {count} attempts. Before you change anything else, find out why: read the failure closely, test one assumption at a time, or undo and take a different approach. If you are blocked, say so.",
  "goal-drift":
    "Your last {count} steps don't seem to serve the goal you were given. Read the goal again, say which part of it is still open, and continue with that part.",
  "retry-storm":
    "{names} has failed {count} times in the same way, whatever the arguments. Calling it again will not help. Wait, use another way to reach the goal, or report the failure.",
  "hidden-failure":
    "The last call of {names} did not succeed although it looked like a success. Read its result again, don't report it as done, and either repair it or tell the user.",
  stall:
    "The last call of {names} takes much longer than usual. Check whether it is still doing something before you wait on.",
  budget:
    "{count} % of the limit on {names} is used. Finish the most important part now and report what is left.",
  "context-growth":
    "The conversation is close to the limit of what the model can read. Summarise what you know and what is left before you continue.",
  "invalid-call":
    "{count} calls used an unknown tool, or values that appear nowhere in this run ({names}). Take ids and names from the user or from results, and ask when you don't have them.",
};

const said =
  "You have said the same thing {count} times, and nothing new came of anything in between. Take the next step now, or say plainly what keeps you from it.";

const maxNames = 3;

/**
 * What the agent is told: what repeats, that it brings nothing, what else could be tried. Holds registered tool names
 * and counts only; tool output is untrusted and is never quoted.
 */
export function nudgeTextFor(suspicion: Suspicion, own: string | undefined): string {
  const names = suspicion.facts.names
    .slice(0, maxNames)
    .map((name) => name.replaceAll(/[^\w.:/ -]/g, "").slice(0, 64))
    .filter((name) => name !== "");
  const template = own ?? (suspicion.facts.said === true ? said : templates[suspicion.kind]);
  return template
    .replaceAll("{names}", names.length === 0 ? "this tool" : names.join(", "))
    .replaceAll("{count}", String(suspicion.facts.count));
}
