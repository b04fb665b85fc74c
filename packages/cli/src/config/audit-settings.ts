import { z } from "zod";

/** Where one part of every audit record goes. */
const sink = z.discriminatedUnion("to", [
  z.strictObject({ to: z.literal("table") }),
  z.strictObject({
    to: z.literal("file"),
    /** One JSON line per record is appended; the directory must be there. */
    path: z.string().min(1),
    /** Whether the lines are on the disk before the analyzer goes on. */
    fsync: z.boolean().default(true),
  }),
  z.strictObject({
    to: z.literal("webhook"),
    /** Gets `application/x-ndjson` by POST, at least once. */
    url: z.url({ protocol: /^https?$/ }),
    token: z.string().min(1).nullable().default(null),
  }),
]);
const outside = z.union([sink.options[1], sink.options[2]]);

/** `audit:` of the configuration: each part has destinations, and with them readers, of its own. */
export const auditSettingsSchema = z
  .strictObject({
    compliance: z.array(sink).default([{ to: "table" }]),
    technical: z.array(sink).default([{ to: "table" }]),
    /** Countersigned heads, besides their table. */
    heads: z.array(outside).default([]),
    headIntervalMs: z.number().int().min(1_000).default(60_000),
  })
  .prefault({});
