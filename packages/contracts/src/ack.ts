import { z } from "zod";
import { idSchema, tenantIdSchema, timeMsSchema } from "./identifiers.ts";

export const ackPhases = ["received", "applied", "rejected", "expired", "completed"] as const;

/** The agent's report of what it did with a directive, or with one nudge or approval in it. */
export const ackSchema = z.object({
  version: z.literal(1),
  tenantId: tenantIdSchema,
  runId: idSchema,
  /** Deterministic per instance, generation, subject and phase, so that a repeated send is one ack. */
  ackId: idSchema,
  instanceId: z.string(),
  generation: z.number().int().nonnegative(),
  phase: z.enum(ackPhases),
  subject: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("directive") }),
    z.object({ kind: z.literal("nudge"), nudgeId: idSchema }),
    z.object({ kind: z.literal("approval"), approvalId: idSchema }),
  ]),
  detail: z.string(),
  /** The step at which it took effect, where there is one. */
  stepId: z.string().nullable(),
  atMs: timeMsSchema,
});
export type Ack = z.infer<typeof ackSchema>;
