import { z } from "zod";
import { idSchema, tenantIdSchema, timeMsSchema } from "./identifiers.ts";

/** Written before an external action: what is about to happen and the state to resume from. */
export const checkpointSchema = z.object({
  version: z.literal(1),
  tenantId: tenantIdSchema,
  runId: idSchema,
  checkpointId: idSchema,
  sequence: z.number().int().nonnegative(),
  phase: z.enum(["saved", "action-started", "action-done", "cleared"]),
  stepId: z.string(),
  toolName: z.string().nullable(),
  /** Arguments as JSON text, redacted; null for a plain state checkpoint. */
  arguments: z.string().nullable(),
  idempotencyKey: z.string().nullable(),
  label: z.string(),
  stateBytes: z.number().int().nonnegative(),
  stateHash: z.string(),
  atMs: timeMsSchema,
});
export type Checkpoint = z.infer<typeof checkpointSchema>;
