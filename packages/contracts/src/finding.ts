import { z } from "zod";
import { derivedId, idSchema, tenantIdSchema, timeMsSchema } from "./identifiers.ts";
import { stopReasonSchema, type StopReason } from "./stop-reason.ts";

export const findingKinds = [
  "exact-loop",
  "semantic-loop",
  "no-progress",
  "goal-drift",
  "retry-storm",
  "hidden-failure",
  "stall",
  "budget",
  "context-growth",
  "invalid-call",
] as const;
export const findingKindSchema = z.enum(findingKinds);
export type FindingKind = z.infer<typeof findingKindSchema>;

/** The stop reason that a finding of each kind leads to; null where it never stops a run. */
export const stopReasonOfFinding: Record<FindingKind, StopReason | null> = {
  "exact-loop": "LOOP_DETECTED",
  "semantic-loop": "LOOP_DETECTED",
  "no-progress": "NO_PROGRESS",
  "goal-drift": "GOAL_DRIFT",
  "retry-storm": "RETRY_LIMIT_REACHED",
  "hidden-failure": "HIDDEN_FAILURE",
  stall: "STALLED",
  budget: "BUDGET_EXCEEDED",
  "context-growth": null,
  "invalid-call": "TOOL_FAILURE",
};

/** What the policy does about a finding, mildest first. */
export const interventions = ["observe", "nudge", "pause", "kill"] as const;
export const interventionSchema = z.enum(interventions);
export type Intervention = z.infer<typeof interventionSchema>;

/** One step that proves a finding, cut to what fits a line; texts are added where the content is known. */
export const evidenceSchema = z.object({
  stepId: idSchema,
  sequence: z.number().int().positive(),
  name: z.string(),
  /** The call as it went out, shortened. */
  call: z.string(),
  /** What came back, shortened. */
  returned: z.string(),
  /** Whether it brought information that the run did not have. */
  broughtNew: z.boolean(),
});
export type Evidence = z.infer<typeof evidenceSchema>;

export const findingSchema = z.object({
  version: z.literal(1),
  tenantId: tenantIdSchema,
  findingId: idSchema,
  runId: idSchema,
  kind: findingKindSchema,
  detectorVersion: z.string(),
  confidence: z.number().min(0).max(1),
  stopReason: stopReasonSchema.nullable(),
  /** One sentence for a person. */
  summary: z.string(),
  /** Why this is not one of the legitimate forms that look alike; empty when there is none to rule out. */
  ruledOut: z.string(),
  firstSequence: z.number().int().nonnegative(),
  /** The step at which it was raised. */
  atSequence: z.number().int().nonnegative(),
  lastProgressSequence: z.number().int().nonnegative(),
  costSinceProgressMicroUsd: z.number().nonnegative(),
  /** Other detectors that saw the same pattern; absent when none did. */
  also: z.array(findingKindSchema).optional(),
  /** What its calls fail with, masked and hashed: equal in all runs that one broken thing holds up. Absent when none failed. */
  failure: z.string().max(64).optional(),
  evidence: z.array(evidenceSchema),
  /** What the policy made of it. */
  intervention: interventionSchema,
  /** False when the profile only says what it would have done. */
  enforced: z.boolean(),
  profile: z.string(),
  traceId: z.string(),
  spanId: z.string(),
  /** Event time of the deciding step; immutable, part of the table's key. */
  firstAtMs: timeMsSchema,
  /** When the analyzer raised it. */
  raisedAtMs: timeMsSchema,
  revision: z.number().int().nonnegative(),
});
export type Finding = z.infer<typeof findingSchema>;

export interface FindingEpisode {
  tenantId: string;
  runId: string;
  kind: FindingKind;
  /** What repeats, masked. */
  signature: string;
  lastProgressSequence: number;
}

/** One episode, one id: replay, a second owner and a later step of the same episode all arrive at it (design §3). */
export function findingIdOf(episode: FindingEpisode): string {
  const { tenantId, runId, kind, signature, lastProgressSequence } = episode;
  return derivedId("f", [tenantId, runId, kind, signature, lastProgressSequence]);
}

/**
 * What a guard in the agent noticed, wherever it is told of. The agent counts the episode; progress as the server sees it
 * must not split it.
 */
export function guardFindingIdOf(
  noticed: Pick<FindingEpisode, "tenantId" | "runId" | "kind" | "signature"> & { guard: string },
): string {
  const { guard, signature, ...rest } = noticed;
  return findingIdOf({ ...rest, signature: `${guard}\n${signature}`, lastProgressSequence: 0 });
}

export const feedbackSchema = z.object({
  version: z.literal(1),
  tenantId: tenantIdSchema,
  findingId: idSchema,
  runId: idSchema,
  verdict: z.enum(["right", "false-alarm"]),
  by: z.string(),
  comment: z.string(),
  atMs: timeMsSchema,
});
export type Feedback = z.infer<typeof feedbackSchema>;
