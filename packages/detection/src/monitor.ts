import type { Ack, Command, Directive, Finding, Limits, Score, Step } from "@plumbline/contracts";

/** What happened to a run, in the order of its log. Steps may come again with a higher revision. */
export type MonitorInput =
  | { type: "run-start"; goal: string; limits: Limits; hasGate: boolean; atMs: number }
  | { type: "step"; step: Step }
  | { type: "heartbeat"; atMs: number }
  | { type: "directive"; directive: Directive; atMs: number }
  | { type: "ack"; ack: Ack }
  | { type: "timer"; nowMs: number }
  | { type: "run-end"; atMs: number };

export type MonitorOutput =
  | { type: "score"; score: Score }
  | { type: "finding"; finding: Finding }
  | { type: "command"; command: Command };

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
  begin(identity: MonitorIdentity): State;
  next(state: State, input: MonitorInput): { state: State; outputs: readonly MonitorOutput[] };
  progressOf(state: State): MonitorProgress;
}
