import type { Command, Finding, FindingKind, Intervention, RunDetail, Step } from "@plumbline/contracts";
import type { Monitor, MonitorInput, MonitorOutput } from "@plumbline/detection";

/** A finding as it stood after a step. */
export interface ReplayedFinding {
  findingId: string;
  kind: FindingKind;
  confidence: number;
  intervention: Intervention;
  summary: string;
}

/** One stored step and what the monitor made of it. */
export interface ReplayedStep {
  sequence: number;
  stepId: string;
  kind: Step["kind"];
  name: string;
  outcome: string;
  /** 0…1, after this step. */
  progress: number;
  scores: Record<string, number>;
  findings: ReplayedFinding[];
  /** What would have been done to the run here, and why. */
  actions: { verb: Command["verb"]; issuedBy: string; message: string }[];
}

/** A stored run as the monitor sees it under a policy. */
export interface ReplayedRun {
  runId: string;
  agentName: string;
  goal: string;
  policy: string;
  steps: ReplayedStep[];
  /** The first step at which the run would have been held; null when it would not. */
  heldAtStep: number | null;
}

/** Takes one run's monitor from step to step. */
class Replay<State> {
  readonly #monitor: Monitor<State>;
  #state: State;

  constructor(monitor: Monitor<State>, { tenantId, runId, agentName }: RunDetail["run"]) {
    this.#monitor = monitor;
    this.#state = monitor.begin({ tenantId, runId, agentName });
  }

  tell(input: MonitorInput): readonly MonitorOutput[] {
    const { state, outputs } = this.#monitor.next(this.#state, input);
    this.#state = state;
    return outputs;
  }

  step(step: Step): ReplayedStep {
    const outputs = [
      ...this.tell({ type: "timer", nowMs: step.startMs }),
      ...this.tell({ type: "step", step }),
    ];
    return {
      sequence: step.sequence,
      stepId: step.stepId,
      kind: step.kind,
      name: step.name,
      outcome: step.outcome.class,
      progress: this.#monitor.progressOf(this.#state).score,
      ...told(outputs),
    };
  }
}

function findingOf(finding: Finding): ReplayedFinding {
  const { findingId, kind, confidence, intervention, summary } = finding;
  return { findingId, kind, confidence, intervention, summary };
}

function told(outputs: readonly MonitorOutput[]): Pick<ReplayedStep, "scores" | "findings" | "actions"> {
  const scores: Record<string, number> = {};
  const findings: ReplayedFinding[] = [];
  const actions: ReplayedStep["actions"] = [];
  for (const output of outputs) {
    if (output.type === "score") scores[output.score.name] = output.score.value;
    if (output.type === "finding") findings.push(findingOf(output.finding));
    if (output.type !== "command") continue;
    const { verb, issuedBy, message } = output.command;
    actions.push({ verb, issuedBy, message });
  }
  return { scores, findings, actions };
}

const holds = (verb: Command["verb"]): boolean => verb === "pause" || verb === "kill";

/**
 * Reads the stored steps of a run through the monitor again. Nothing is written and nobody is told; the run is taken for
 * one that obeyed nothing, as the stored steps are those of a run that went on.
 * @param policy its name, for the reader
 */
export function replayRun<State>(
  detail: Pick<RunDetail, "run" | "steps">,
  monitor: Monitor<State>,
  policy: string,
): ReplayedRun {
  const { run } = detail;
  const { runId, agentName, goal, limits, startedAtMs: atMs } = run;
  const replay = new Replay(monitor, run);
  replay.tell({ type: "run-start", goal, limits, hasGate: true, atMs });
  const inOrder = detail.steps.toSorted((first, second) => first.sequence - second.sequence);
  const steps = inOrder.map((step) => replay.step(step));
  const held = steps.find(({ actions }) => actions.some(({ verb }) => holds(verb)));
  return { runId, agentName, goal, policy, steps, heldAtStep: held?.sequence ?? null };
}
