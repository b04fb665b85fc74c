import { z } from "zod";
import { idSchema, tenantIdSchema, timeMsSchema } from "./identifiers.ts";

/** Where the run stood when it asked. */
export const approvalContextSchema = z.object({
  goal: z.string(),
  steps: z.number().int().nonnegative(),
  usd: z.number().nonnegative(),
  /** External actions since the last saved state, oldest first, as `tool: how far it came`. */
  actions: z.array(z.string()).max(20),
});
export type ApprovalContext = z.infer<typeof approvalContextSchema>;

/** The agent asks a person before an action. */
export const approvalRequestSchema = z.object({
  version: z.literal(1),
  tenantId: tenantIdSchema,
  runId: idSchema,
  approvalId: idSchema,
  stepId: z.string(),
  toolName: z.string(),
  /** Arguments as JSON text, redacted. */
  arguments: z.string(),
  /** A decision holds for exactly these arguments. */
  argsHash: z.string(),
  reasoning: z.string(),
  expectedOutcome: z.string(),
  risk: z.enum(["safe", "low", "medium", "high"]),
  reversible: z.boolean(),
  /** What happens when nobody answers. */
  defaultDecision: z.enum(["approve", "deny"]),
  /** The action was under way when the process before this one ended; whether it took effect is not known. */
  wasInFlight: z.boolean().default(false),
  context: approvalContextSchema.default({ goal: "", steps: 0, usd: 0, actions: [] }),
  requestedAtMs: timeMsSchema,
  expiresAtMs: timeMsSchema,
});
export type ApprovalRequest = z.infer<typeof approvalRequestSchema>;

/** Where an approval stands. `expired`: nobody answered in time, so the default was taken. */
export const approvalStatuses = ["pending", "approved", "denied", "expired"] as const;

/** A request with what came of it. */
export const approvalSchema = z.object({
  request: approvalRequestSchema,
  status: z.enum(approvalStatuses),
  /** Empty while nobody answered. */
  decidedBy: z.string(),
  decidedAtMs: timeMsSchema.nullable(),
  message: z.string(),
  editedArguments: z.string().nullable(),
  /** The agent said that it acted on the answer. */
  acknowledged: z.boolean(),
});
export type Approval = z.infer<typeof approvalSchema>;
