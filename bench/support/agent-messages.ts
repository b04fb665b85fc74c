/** A stuck agent that nobody stopped gives up after this long. */
export const longestRunMs = 20_000;

/** What the parent asks of the agents' process. */
export type AgentOrder =
  | { kind: "stuck"; runId: string; model: string }
  | { kind: "streaming"; runId: string }
  /** Makes that many calls of a tool, at that distance. */
  | { kind: "calling"; runId: string; calls: number; everyMs: number };

/** What it says. */
export type AgentReport =
  | { kind: "ready" }
  | { kind: "stopped"; runId: string; error: string }
  | { kind: "streaming"; runId: string }
  | { kind: "aborted"; runId: string; atMs: number }
  /** The tool has answered the call that has the mark among its arguments. */
  | { kind: "called"; runId: string; mark: string; atMs: number }
  | { kind: "failed"; runId: string; error: string };
