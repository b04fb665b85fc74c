import type { FindingKind, Limits, RunStatus, StopReason } from "@plumbline/contracts";
import type { Brain } from "./brain.ts";
import type { ServiceCounts } from "./order-service.ts";
import type { ToolName } from "./tools.ts";

/** How an agent of the demo must end for the demo to count as passed. */
export interface ExpectedEnding {
  status: RunStatus;
  stopReason: StopReason | null;
  /** At least one of these was found; an empty list means that nothing may be found at all. */
  findings: readonly FindingKind[];
  /** What the service itself must have counted because of this agent; absent when it counts nothing of its own. */
  counts?: Partial<ServiceCounts>;
}

/** What an operator does with the agent while it runs. */
export type OperatorPart =
  | { deed: "none" }
  /** Kills it once it has been paused. */
  | { deed: "kill-when-paused" }
  /** Pauses it after so many steps, looks, and resumes it. */
  | { deed: "pause-and-resume"; afterSteps: number };

export interface Scenario {
  name: string;
  /** One line for the table: what this agent shows. */
  shows: string;
  goal: string;
  tools: readonly ToolName[];
  budget: Limits;
  streaming: boolean;
  brain: Brain;
  operator: OperatorPart;
  expected: ExpectedEnding;
}
