import { fullStepId } from "../track/step-ids.ts";
import type { FindingKind } from "@plumbline/contracts";
import type { Without } from "./strands.ts";
import { has, type ModelMark, type RunState, type ToolMark } from "../track/run-state.ts";

export interface SuspectStep {
  stepId: string;
  sequence: number;
  name: string;
  broughtNew: boolean;
}

/** What a detector says about a run at one moment. */
export interface Suspicion {
  kind: FindingKind;
  /** What repeats, as hash: equal for all moments of one episode. */
  signature: string;
  confidence: number;
  /**
   * `at-once` goes to the highest rung allowed, `after-nudge` nudges first and goes there as soon as the model has heard
   * it, `ladder` nudges first and waits for its rungs, `warn` nudges and never pauses, `note` only tells.
   */
  urgency: "at-once" | "after-nudge" | "ladder" | "warn" | "note";
  summary: string;
  ruledOut: string;
  evidence: readonly SuspectStep[];
  /** Found only by leaving out calls that look like those of side tools. */
  isTentative?: boolean;
  /** Figures and registered names for the nudge text; whether it is about what the agent said, not what it called. */
  facts: { names: readonly string[]; count: number; said?: boolean };
}

/** A run as detectors see it. Marks from before a person's resume are left out. */
export interface RunView {
  state: RunState;
  tools: readonly ToolMark[];
  models: readonly ModelMark[];
  /** Mark of the step that was just tracked; null on a timer or an event. */
  latest: { kind: "tool"; mark: ToolMark } | { kind: "model"; mark: ModelMark } | null;
  nowMs: number;
}

export interface Detector<Config = unknown> {
  kind: FindingKind;
  version: string;
  defaults: Config;
  inspect(view: RunView, config: Config): Suspicion | null;
  /**
   * Until when the passing of time alone changes nothing about what `inspect` says of this run. Absent where time is not
   * looked at.
   */
  sameUntilMs?(view: RunView, config: Config): number;
  /**
   * The configuration for a part of the run. Present for detectors of repetition: they look at the whole run, at what
   * its latest agent did, and at the same without side tools. What only looks like a side tool may have changed
   * something, so what is found without it has to be clearer.
   */
  configWithout?(config: Config, without: Without): Config;
}

export function nameOf(view: RunView, mark: { name: number }): string {
  return view.state.names[mark.name]?.name ?? "";
}

/** A step that brought nothing, as evidence; its id as marks keep it. */
export function barrenStep(
  { state }: RunView,
  { id, sequence, name }: { id: string; sequence: number; name: string },
): SuspectStep {
  return { stepId: fullStepId(state.traces, id), sequence, name, broughtNew: false };
}

/** A tool mark as evidence. */
export function suspectOf(view: RunView, mark: ToolMark): SuspectStep {
  return {
    stepId: fullStepId(view.state.traces, mark.id),
    sequence: mark.sequence,
    name: nameOf(view, mark),
    broughtNew: mark.gain > 0 && !has(mark, "repeat"),
  };
}
