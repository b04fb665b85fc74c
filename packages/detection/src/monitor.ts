import type {
  Ack,
  Command,
  Directive,
  Finding,
  FindingKind,
  GoalFingerprint,
  Intervention,
  Limits,
  Score,
  Step,
} from "@plumbline/contracts";

/** What happened to a run, in the order of its log. Steps may come again with a higher revision. */
export type MonitorInput =
  | {
      type: "run-start";
      goal: string;
      /** What the agent sent instead of the goal. */
      goalFingerprint?: GoalFingerprint | undefined;
      limits: Limits;
      hasGate: boolean;
      atMs: number;
    }
  | { type: "step"; step: Step }
  | ({ type: "guard-finding" } & GuardNotice)
  | { type: "heartbeat"; atMs: number }
  | { type: "directive"; directive: Directive; atMs: number }
  | { type: "ack"; ack: Ack }
  | ({ type: "similarity"; atMs: number } & Similarity)
  | ({ type: "judgement" } & Judgement)
  | { type: "timer"; nowMs: number }
  | { type: "run-end"; atMs: number };

export type MonitorOutput =
  | { type: "score"; score: Score }
  | { type: "finding"; finding: Finding }
  | { type: "command"; command: Command }
  /** What the agent's own doing settles of what it was commanded. */
  | { type: "ack"; ack: Ack }
  | { type: "comparison"; comparison: Comparison };

/** What a guard in the agent's own process noticed, and did about it there. */
export interface GuardNotice {
  kind: FindingKind;
  guard: string;
  /** What makes it the same when it comes again. */
  signature: string;
  summary: string;
  confidence: number;
  intervention: Intervention;
  steps: readonly { stepId: string; name: string }[];
  /** How often it was told of before. */
  revision: number;
  atMs: number;
  traceId: string;
  spanId: string;
}

/** A step whose request structure and words leave open: whether it says the same as earlier ones is asked for. */
export interface Comparison {
  stepId: string;
  against: readonly string[];
}

/** The answer to a {@link Comparison}. */
export interface Similarity {
  stepId: string;
  /** How far the step says the same as each of those it was compared with, 0…1. */
  sameness: readonly number[];
  /** Told by words alone although an embedder is set: it did not answer in time. */
  degraded: boolean;
}

/** What a model made of a finding. */
export interface Judgement {
  findingId: string;
  verdict: "stuck" | "working";
}

/** Progress as a run summary shows it. */
export interface MonitorProgress {
  score: number;
  lastProgressSequence: number;
  lastProgressAtMs: number;
  costSinceProgressMicroUsd: number;
  stuck: boolean;
}

export interface MonitorIdentity {
  tenantId: string;
  runId: string;
  agentName: string;
}

/**
 * Watches one run: features → track → score → detect → decide as one pure reducer. `State` is plain JSON of at most
 * 20 KB without texts; same inputs, same outputs, whoever runs it (analyzer, agent, evaluation, replay).
 */
export interface Monitor<State> {
  /** Equal for monitors that judge alike: policy, detectors and their versions. */
  readonly rules: string;
  begin(identity: MonitorIdentity): State;
  next(state: State, input: MonitorInput): { state: State; outputs: readonly MonitorOutput[] };
  progressOf(state: State): MonitorProgress;
  /**
   * Until when timers leave the run as it is, given that the one at `nowMs` has changed nothing; `Infinity` when only another
   * input can change it.
   */
  quietUntilMs(state: State, nowMs: number): number;
}
