import { z } from "zod";
import { goalFingerprintSchema } from "./fingerprint.ts";
import { idSchema } from "./identifiers.ts";
import { limitsSchema } from "./limits.ts";
import { messageSchema } from "./message.ts";
import { stopReasonSchema } from "./stop-reason.ts";
import { toolTraitsSchema } from "./step.ts";

/* What an agent tells in its events and an observation passes on as it was told. */

export const modelStartFields = {
  provider: z.string(),
  requestModel: z.string(),
  systemInstructions: z.string().nullable(),
  /** The prompt from message `inputOffset` on; earlier ones were sent with earlier calls. */
  inputMessages: z.array(messageSchema),
  inputOffset: z.number().int().nonnegative(),
  inputMessageCount: z.number().int().nonnegative(),
};

export const toolStartFields = {
  toolName: z.string(),
  callId: z.string().nullable(),
  arguments: z.string().nullable(),
  traits: toolTraitsSchema,
};

export const runStartFields = {
  goal: z.string(),
  parentRunId: idSchema.nullable(),
  instanceId: z.string(),
  limits: limitsSchema,
  onPause: z.enum(["wait", "exit"]),
  onControlLost: z.enum(["continue", "pause", "stop"]),
  queued: z.boolean(),
  /** Sent instead of the goal. */
  goalFingerprint: goalFingerprintSchema.optional(),
};

export const runEndFields = {
  status: z.enum(["completed", "failed", "killed", "paused"]),
  stopReason: stopReasonSchema,
  message: z.string().nullable(),
  output: z.string().nullable(),
};
