import { z } from "zod";
import { idSchema, tenantIdSchema, timeMsSchema } from "./identifiers.ts";

/** Written before an external action: what is about to happen and the state to resume from. */
export const checkpointSchema = z.object({
  version: z.literal(1),
  tenantId: tenantIdSchema,
  runId: idSchema,
  checkpointId: idSchema,
  /** Steps that the run had made. */
  sequence: z.number().int().nonnegative(),
  /** `cleared`: an action whose outcome nobody knows is not to be pursued. */
  phase: z.enum(["saved", "action-started", "action-done", "action-failed", "cleared"]),
  stepId: z.string(),
  toolName: z.string().nullable(),
  /** Arguments as JSON text, redacted; null for a plain state checkpoint. */
  arguments: z.string().nullable(),
  idempotencyKey: z.string().nullable(),
  /** Last text of the model before the action, redacted; empty for a plain state checkpoint. */
  reasoning: z.string().default(""),
  label: z.string(),
  stateBytes: z.number().int().nonnegative(),
  stateHash: z.string(),
  atMs: timeMsSchema,
});
export type Checkpoint = z.infer<typeof checkpointSchema>;
