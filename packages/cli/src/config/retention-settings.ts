import { defaultRetentionDays, type RetentionDays } from "@plumbline/store";
import { z } from "zod";

const days = z.number().int().min(1).nullable();

type Shape = { [Table in keyof RetentionDays]: z.ZodDefault<typeof days> };

const shape = Object.fromEntries(
  Object.entries(defaultRetentionDays).map(([table, kept]) => [table, days.default(kept)]),
) as Shape;

/** `retention:` of the configuration: for how many days from when it was stored a row is kept; null keeps it for ever. */
export const retentionSettingsSchema = z.strictObject(shape).prefault({});
