import { z } from "zod";
import { idSchema, tenantIdSchema, timeMsSchema } from "./identifiers.ts";
import { limitsSchema } from "./limits.ts";
import { stopReasonSchema } from "./stop-reason.ts";

export const runStatuses = [
  "queued",
  "running",
  "awaiting_approval",
  "paused",
  "stopping",
  "completed",
  "failed",
  "killed",
] as const;
export const runStatusSchema = z.enum(runStatuses);
export type RunStatus = z.infer<typeof runStatusSchema>;

/** Allowed moves of a run. A run that ended stays ended; a later call under its id begins a new epoch. */
export const runMoves: Record<RunStatus, readonly RunStatus[]> = {
  queued: ["running", "stopping", "killed", "failed"],
  running: ["awaiting_approval", "paused", "stopping", "completed", "failed", "killed"],
  awaiting_approval: ["running", "paused", "stopping", "failed", "killed"],
  paused: ["running", "stopping", "failed", "killed"],
  stopping: ["completed", "failed", "killed", "paused"],
  completed: [],
  failed: [],
  killed: [],
};

export function mayMove(from: RunStatus, to: RunStatus): boolean {
  return runMoves[from].includes(to);
}

export const isTerminal = (status: RunStatus): boolean => runMoves[status].length === 0;

/** What is known about the agent's obedience. `none`: no gate ever reported; the run is watched, never shown as held. */
export const gateStates = ["connected", "lost", "none"] as const;

/** What an operator needs to know of a run at one moment: one row of the `runs` table. */
export const runSummarySchema = z.object({
  version: z.literal(1),
  tenantId: tenantIdSchema,
  runId: idSchema,
  aliases: z.array(idSchema),
  parentRunId: idSchema.nullable(),
  agentName: z.string(),
  service: z.string(),
  goal: z.string(),
  status: runStatusSchema,
  /** A finding at or above nudge is open and nothing new has come since. */
  stuck: z.boolean(),
  stopReason: stopReasonSchema.nullable(),
  message: z.string(),
  profile: z.string(),
  gate: z.enum(gateStates),
  models: z.array(z.string()),
  dialects: z.array(z.string()),
  principal: z.string(),
  modelCalls: z.number().int().nonnegative(),
  toolCalls: z.number().int().nonnegative(),
  errors: z.number().int().nonnegative(),
  inputTokens: z.number().int().nonnegative(),
  outputTokens: z.number().int().nonnegative(),
  cachedInputTokens: z.number().int().nonnegative(),
  costMicroUsd: z.number().nonnegative(),
  /** Model calls whose model has no known price: the cost above leaves them out. */
  unpricedCalls: z.number().int().nonnegative(),
  costSinceProgressMicroUsd: z.number().nonnegative(),
  limits: limitsSchema,
  /** 0…1, the last score. */
  progress: z.number().min(0).max(1),
  lastSequence: z.number().int().nonnegative(),
  lastProgressSequence: z.number().int().nonnegative(),
  lastProgressAtMs: timeMsSchema,
  /** The step that is running now, if any. */
  openStep: z.object({ stepId: idSchema, name: z.string(), sinceMs: timeMsSchema }).nullable(),
  openFindingIds: z.array(idSchema),
  pendingApprovalIds: z.array(idSchema),
  checkpointId: z.string().nullable(),
  directiveGeneration: z.number().int().nonnegative(),
  acknowledgedGeneration: z.number().int().nonnegative(),
  traceId: z.string(),
  startedAtMs: timeMsSchema,
  lastSeenAtMs: timeMsSchema,
  endedAtMs: timeMsSchema.nullable(),
  /** Offset in the observations partition that this summary reflects; grows with every change. */
  revision: z.number().int().nonnegative(),
});
export type RunSummary = z.infer<typeof runSummarySchema>;

export const scoreSchema = z.object({
  version: z.literal(1),
  tenantId: tenantIdSchema,
  runId: idSchema,
  stepId: idSchema,
  sequence: z.number().int().positive(),
  /** `progress` and its parts. */
  name: z.string(),
  value: z.number().min(0).max(1),
  atMs: timeMsSchema,
  revision: z.number().int().nonnegative(),
});
export type Score = z.infer<typeof scoreSchema>;
