/** Where an agent can be made to kill itself, in the order in which it passes them. */
export const crashPoints = [
  "approval-asked",
  "approval-answered",
  "checkpoint-written",
  "action-started",
  "action-done",
  "checkpoint-cleared",
  "state-saved",
  "paused",
] as const;
export type CrashPoint = (typeof crashPoints)[number];

/** What a crash agent is told on its command line, as JSON. */
export interface CrashAgentOptions {
  dataDirectory: string;
  runId: string;
  /** Base URL of the counting service. */
  service: string;
  /** Gateway and receiver; `off` for none. */
  server: string;
  trustedKeys: { keyId: string; publicKeyPem: string }[];
  /** How many orders are worked through; each is one payment and one mail. */
  orders: number;
  /** The point at which to die, and at the how manyth passing of it; null lives. */
  crash: { at: CrashPoint; passing: number } | null;
}

/** What a crash agent prints, one JSON object per line. */
export type CrashAgentLine =
  | { type: "in-flight"; tools: string[] }
  | { type: "asked"; approvalId: string; expiresAtMs: number; wasInFlight: boolean }
  | { type: "settled"; toolName: string; result: string }
  | { type: "paused" }
  | { type: "done"; answers: string[] };
