import type { RunSummary } from "@plumbline/contracts";
import type { Monitor, RunState as MonitorState } from "@plumbline/detection";
import { type ControlState, initialControlState } from "../act/fold.ts";
import type { Assembler, Assembly } from "./assemble/assembler.ts";
import type { CountedSteps } from "./contribution.ts";
import type { PauseWatch } from "./pause-watch.ts";
import type { AnonymousTelemetry } from "./ownership.ts";
import { initialSummary } from "./summary.ts";

/** The end of a run as its outermost span told it; it counts after a grace, for a child may still be on its way. */
export interface PendingEnd {
  atMs: number;
  failed: boolean;
  message: string;
}

/** Everything known of one run: the fold over its records. Plain JSON, so that it is its own snapshot. */
export interface RunState {
  summary: RunSummary;
  assembly: Assembly;
  monitor: MonitorState;
  control: ControlState;
  counted: CountedSteps;
  pendingEnd: PendingEnd | null;
  /** Whether the monitor was told the goal. */
  begun: boolean;
  /** Null while the run is not paused; absent in states of versions that did not watch. */
  pauseWatch?: PauseWatch | null;
  /** How often the run began anew after its end. */
  epoch: number;
  /** Offsets of the last records folded in; earlier ones change nothing. -1 before the first. */
  lastObservationOffset: number;
  lastControlOffset: number;
}

/** What a run's fold is made of. */
export interface RunParts {
  assembler: Assembler;
  monitor: Monitor<MonitorState>;
  /** Name of the policy profile, shown with the run. */
  profile: string;
  /** What telemetry without a principal may lead to. */
  anonymous: AnonymousTelemetry;
}

export function initialRunState(
  parts: RunParts,
  run: { tenantId: string; runId: string; agentName: string; atMs: number },
): RunState {
  const { tenantId, runId, agentName, atMs } = run;
  return {
    summary: initialSummary({ tenantId, runId, profile: parts.profile, atMs }),
    assembly: parts.assembler.begin({ tenantId, runId }),
    monitor: parts.monitor.begin({ tenantId, runId, agentName }),
    control: initialControlState(tenantId, runId),
    counted: [],
    pendingEnd: null,
    begun: false,
    epoch: 0,
    lastObservationOffset: -1,
    lastControlOffset: -1,
  };
}
