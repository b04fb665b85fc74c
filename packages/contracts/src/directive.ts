import { z } from "zod";
import { idSchema, tenantIdSchema, timeMsSchema } from "./identifiers.ts";
import { limitsSchema } from "./limits.ts";
import { stopReasonSchema } from "./stop-reason.ts";

export const desiredStates = ["running", "paused", "killed"] as const;
export type DesiredState = (typeof desiredStates)[number];

export const nudgeSchema = z.object({ id: idSchema, text: z.string() });
export type Nudge = z.infer<typeof nudgeSchema>;

export const approvalDecisionSchema = z.object({
  decision: z.enum(["approved", "denied"]),
  argsHash: z.string(),
  by: z.string(),
  editedArguments: z.string().nullable(),
  message: z.string(),
  /** When it was given; 0 when that is not known. An answer given after the deadline does not count. */
  decidedAtMs: timeMsSchema.default(0),
});
export type ApprovalDecision = z.infer<typeof approvalDecisionSchema>;

/** The control document of a run: the fold of its commands. The whole truth at its generation; an agent needs no history. */
export const directiveSchema = z.object({
  version: z.literal(1),
  tenantId: tenantIdSchema,
  runId: idSchema,
  /** Offset of the last folded record + 1; 0 for a run nobody commanded yet. Only grows. */
  generation: z.number().int().nonnegative(),
  desired: z.enum(desiredStates),
  reason: stopReasonSchema.nullable(),
  findingId: idSchema.nullable(),
  message: z.string(),
  /** Pending ones; an ack removes them. */
  nudges: z.array(nudgeSchema),
  /** Live limits; they override the agent's own. */
  limits: limitsSchema,
  /** By approval id; single use. */
  approvals: z.record(idSchema, approvalDecisionSchema),
  issuedAtMs: timeMsSchema,
  issuedBy: z.string(),
});
export type Directive = z.infer<typeof directiveSchema>;

/** A directive on the wire: the exact bytes that were signed, so that no two JSON writers can disagree. */
export const signedDirectiveSchema = z.object({
  /** JSON text of a {@link Directive}; the signature covers its UTF-8 bytes. */
  payload: z.string(),
  keyId: z.string(),
  algorithm: z.literal("Ed25519"),
  /** base64url without padding. */
  signature: z.string(),
});
export type SignedDirective = z.infer<typeof signedDirectiveSchema>;

/** The directive of a run that nobody commanded. */
export function initialDirective(tenantId: string, runId: string): Directive {
  return {
    version: 1,
    tenantId,
    runId,
    generation: 0,
    desired: "running",
    reason: null,
    findingId: null,
    message: "",
    nudges: [],
    limits: {},
    approvals: {},
    issuedAtMs: 0,
    issuedBy: "",
  };
}
