import { webhookSchema } from "@plumbline/contracts";
import { z } from "zod";

/** Who is told of questions, findings and pauses without asking. */
export const notificationSettingsSchema = z
  .strictObject({
    /** Each with `url`, `secret` (at least 16 characters; signs every request) and `kinds`. */
    webhooks: z.array(webhookSchema).default([]),
  })
  .prefault({});
