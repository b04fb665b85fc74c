import { accessTokenSchema } from "@plumbline/contracts";
import { z } from "zod";

const count = z.number().int().positive();

/** What the console is configured with; every field has a default. */
export const consoleSettingsSchema = z.strictObject({
  host: z.string().min(1).default("127.0.0.1"),
  /** Operator API; 0 takes any free port. */
  port: z.number().int().min(0).max(65_535).default(4320),
  /** Without tokens only requests from this machine are served, as admin. */
  tokens: z.array(accessTokenSchema).default([]),
  maxBodyBytes: count.default(1_048_576),
  /** Time between two looks at the store for those who watch. */
  watchIntervalMs: count.default(500),
  maxWatchers: count.default(50),
  requestTimeoutMs: count.default(30_000),
  /** How long requests in work may take to end at a shutdown. */
  drainMs: count.default(5000),
});
/** What a person writes; the parsed form is {@link ConsoleSettings}. */
export type ConsoleConfig = z.input<typeof consoleSettingsSchema>;
export type ConsoleSettings = z.infer<typeof consoleSettingsSchema>;
