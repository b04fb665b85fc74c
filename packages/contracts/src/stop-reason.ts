import { z } from "zod";

/** Why a run is not running (design §1). */
export const stopReasons = [
  "LOOP_DETECTED",
  "NO_PROGRESS",
  "GOAL_DRIFT",
  "BUDGET_EXCEEDED",
  "RETRY_LIMIT_REACHED",
  "TOOL_FAILURE",
  "HIDDEN_FAILURE",
  "TIMEOUT",
  "STALLED",
  "APPROVAL_DENIED",
  "APPROVAL_TIMEOUT",
  "CONTROL_LOST",
  "USER_PAUSED",
  "USER_KILLED",
  "COMPLETED",
  "FAILED",
] as const;

export const stopReasonSchema = z.enum(stopReasons);
export type StopReason = z.infer<typeof stopReasonSchema>;

export interface StopReasonAdvice {
  /** What happened, for a person. */
  meaning: string;
  /** The usual next command; `RUN` stands for the run id. Empty when nothing is to be done. */
  nextCommand: string;
}

const advice = {
  LOOP_DETECTED: {
    meaning: "The run repeated itself and nothing new came back.",
    nextCommand: "plumbline resume RUN --say '…'",
  },
  NO_PROGRESS: {
    meaning: "The run kept acting and its outcome did not change.",
    nextCommand: "plumbline resume RUN --say '…'",
  },
  GOAL_DRIFT: {
    meaning: "The last steps served something other than the goal.",
    nextCommand: "plumbline nudge RUN '…'",
  },
  BUDGET_EXCEEDED: {
    meaning: "A limit on steps, tokens, money or time was reached.",
    nextCommand: "plumbline resume RUN --limit usd=…",
  },
  RETRY_LIMIT_REACHED: {
    meaning: "Failing calls were repeated up to the limit.",
    nextCommand: "plumbline show RUN",
  },
  TOOL_FAILURE: { meaning: "A tool failed or was called wrongly.", nextCommand: "plumbline show RUN" },
  HIDDEN_FAILURE: {
    meaning: "A call failed although it was reported as a success.",
    nextCommand: "plumbline show RUN",
  },
  TIMEOUT: { meaning: "A call or the run took longer than allowed.", nextCommand: "plumbline show RUN" },
  STALLED: { meaning: "Nothing was heard for longer than usual.", nextCommand: "plumbline show RUN" },
  APPROVAL_DENIED: { meaning: "A person denied the action.", nextCommand: "plumbline resume RUN --say '…'" },
  APPROVAL_TIMEOUT: {
    meaning: "Nobody answered the approval request in time.",
    nextCommand: "plumbline show RUN",
  },
  CONTROL_LOST: {
    meaning: "The control channel was lost and the run's policy says not to go on without it.",
    nextCommand: "plumbline doctor",
  },
  USER_PAUSED: { meaning: "A person paused the run.", nextCommand: "plumbline resume RUN" },
  USER_KILLED: { meaning: "A person killed the run.", nextCommand: "" },
  COMPLETED: { meaning: "The run ended by itself.", nextCommand: "" },
  FAILED: { meaning: "The run ended with an error of its own.", nextCommand: "plumbline show RUN" },
} as const satisfies Record<StopReason, StopReasonAdvice>;

/** The meaning of a stop reason and its usual next command with the run filled in. */
export function adviceFor(reason: StopReason, runId: string): StopReasonAdvice {
  const { meaning, nextCommand } = advice[reason];
  return { meaning, nextCommand: nextCommand.replace("RUN", () => runId) };
}
