import { z } from "zod";
import { ackSchema } from "./ack.ts";
import { idSchema, tenantIdSchema, timeMsSchema } from "./identifiers.ts";
import { limitsSchema } from "./limits.ts";
import { stopReasonSchema } from "./stop-reason.ts";

const common = {
  version: z.literal(1),
  type: z.literal("command"),
  tenantId: tenantIdSchema,
  runId: idSchema,
  /** Deterministic for the policy (finding and step of the ladder), random for people. */
  commandId: idSchema,
  /** `policy:<detector>@<version>` or `user:<name>`. */
  issuedBy: z.string().min(1),
  issuedAtMs: timeMsSchema,
  findingId: idSchema.nullable(),
  /** Why, for a person. */
  message: z.string(),
};

/** What a person or the policy asked for. */
export const commandSchema = z.discriminatedUnion("verb", [
  z.object({ ...common, verb: z.literal("pause"), reason: stopReasonSchema }),
  /** `say` is put into the conversation as the person's own words. */
  z.object({
    ...common,
    verb: z.literal("resume"),
    say: z.string().nullable(),
    limits: limitsSchema.nullable(),
  }),
  z.object({ ...common, verb: z.literal("kill"), reason: stopReasonSchema }),
  z.object({ ...common, verb: z.literal("nudge"), text: z.string().min(1).max(4000) }),
  z.object({ ...common, verb: z.literal("limit"), limits: limitsSchema }),
  z.object({
    ...common,
    verb: z.literal("approve"),
    approvalId: idSchema,
    argsHash: z.string(),
    /** Replaces the arguments, as JSON text; null to approve them as asked. */
    editedArguments: z.string().nullable(),
  }),
  z.object({ ...common, verb: z.literal("deny"), approvalId: idSchema, argsHash: z.string() }),
]);
export type Command = z.infer<typeof commandSchema>;
export type CommandVerb = Command["verb"];

/** An ack that the run's owner appended, so that the fold sees it in the same order as the commands. */
export const ackRecordSchema = z.object({ version: z.literal(1), type: z.literal("ack"), ack: ackSchema });

/** Value of a record in the commands topic. */
export const controlRecordSchema = z.union([commandSchema, ackRecordSchema]);
export type ControlRecord = z.infer<typeof controlRecordSchema>;
