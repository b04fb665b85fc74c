import { z } from "zod";
import { idSchema, tenantIdSchema, timeMsSchema } from "./identifiers.ts";

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
  requestedAtMs: timeMsSchema,
  expiresAtMs: timeMsSchema,
});
export type ApprovalRequest = z.infer<typeof approvalRequestSchema>;
