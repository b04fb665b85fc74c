import {
  isTerminal,
  type Message,
  type Observation,
  type RunSummary,
  type Step,
  textOf,
} from "@plumbline/contracts";

/*
 * Owns: when a run that ended begins anew under its id: the next question of a conversation, an id that is used again.
 * Does not own: what begins anew in detection (the monitor does that by itself when a run starts after its end).
 */

const beginnings: ReadonlySet<string> = new Set(["run-start", "model-call-start", "tool-call-start"]);

/** When the work that an observation tells of began; undefined when it tells of none. */
function workBeganAt(observation: Observation): number | undefined {
  if (observation.kind === "model-call-end" || observation.kind === "tool-call-end")
    return observation.startMs;
  return beginnings.has(observation.kind) ? observation.atMs : undefined;
}

/** Whether an observation tells of work that began after the run's end. What was killed never begins again. */
export function beginsEpoch({ status, endedAtMs }: RunSummary, observation: Observation): boolean {
  if (!isTerminal(status) || status === "killed" || endedAtMs === null) return false;
  const beganAtMs = workBeganAt(observation);
  return beganAtMs !== undefined && beganAtMs > endedAtMs;
}

/** The summary of a run that begins anew: what it used up and found stays, how it ended does not. */
export function withEpoch(summary: RunSummary): RunSummary {
  return {
    ...summary,
    status: "running",
    stopReason: null,
    message: "",
    goal: "",
    stuck: false,
    openFindingIds: [],
    endedAtMs: null,
  };
}

const isAsked = (message: Message): boolean => message.role === "user" && textOf(message) !== "";

/** What a person asked for last in the messages that are new with this step. */
export function askedIn(step: Step): string | undefined {
  const asked = step.model?.newInputMessages.findLast(isAsked);
  return asked === undefined ? undefined : textOf(asked);
}
