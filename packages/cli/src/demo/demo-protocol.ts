import { z } from "zod";

/** What the demo gives its agent process, by environment. */
export const agentProcessVariable = {
  seed: "DEMO_SEED",
  serviceUrl: "DEMO_SERVICE_URL",
  modelUrl: "DEMO_MODEL_URL",
  runPrefix: "DEMO_RUN_PREFIX",
} as const;

/** How an agent ended, as its own process saw it; one message per agent. */
export const agentEndingSchema = z.object({
  agent: z.string(),
  runId: z.string(),
  /** Name of the error class, or null when it answered. */
  error: z.string().nullable(),
  message: z.string(),
});
export type AgentEnding = z.infer<typeof agentEndingSchema>;

export const runIdOf = (runPrefix: string, agent: string): string => `${runPrefix}-${agent}`;
