import { z } from "zod";
import { signedDirectiveSchema } from "./directive.ts";
import { idSchema } from "./identifiers.ts";

/**
 * Between agent and gateway. One stream per process carries the directives of all its runs:
 *
 * - `POST /v1/control/stream` with `{"runs": ["…"]}` answers `text/event-stream`. Every run's current directive comes
 *   first, then each change. Event `directive`, data = a SignedDirective as JSON. Event `unknown`, data = `{"runId"}`:
 *   generation 0, nobody commanded it. An event after which nothing waits has an id: sent back as `Last-Event-ID` with
 *   the same runs, to any gateway, it leaves out what was told already. A comment line every 10 s.
 *   A process whose set of runs changed opens a new stream and closes the old one.
 * - `GET /v1/control/stream?run=…&run=…` is the same for few runs.
 * - `POST /v1/control/poll` with `{"runs": {"<run>": <generation the agent has>}, "waitMs": 25000}` answers
 *   `{"directives": [SignedDirective, …]}` as soon as one is newer, empty when the time is over.
 * - 503 with Retry-After until the gateway has read the control state to its end; 401 without a valid token.
 */
export const controlPath = {
  stream: "/v1/control/stream",
  poll: "/v1/control/poll",
} as const;

export const streamEvent = { directive: "directive", unknown: "unknown" } as const;

export const streamRequestSchema = z.object({ runs: z.array(idSchema).max(10_000) });
export type StreamRequest = z.infer<typeof streamRequestSchema>;

export const pollRequestSchema = z.object({
  runs: z.record(idSchema, z.number().int().nonnegative()),
  waitMs: z.number().int().min(0).max(60_000).default(25_000),
});
export type PollRequest = z.infer<typeof pollRequestSchema>;

export const pollResponseSchema = z.object({ directives: z.array(signedDirectiveSchema) });
export type PollResponse = z.infer<typeof pollResponseSchema>;

/** Public keys an agent trusts: in its configuration, or in this file of the data directory on loopback. */
export const trustedKeysFileName = "control-public-keys.json";
export const trustedKeysSchema = z.object({
  version: z.literal(1),
  keys: z.array(z.object({ keyId: z.string(), publicKeyPem: z.string() })),
});
export type TrustedKeys = z.infer<typeof trustedKeysSchema>;
