import type { Bus } from "@plumbline/bus";
import type { AccessRole, Caller, Clock, IdSource, TrustedKeys } from "@plumbline/contracts";
import type { RunQueries, Store } from "@plumbline/store";
import { z } from "zod";
import { RejectedError } from "@plumbline/contracts";
import { admit } from "../access.ts";
import { type ServerContext, accessRequestOf } from "../http/http-bindings.ts";
import type { Logger } from "../logger.ts";
import type { KnownRuns } from "../resolve/known-runs.ts";
import type { ConsoleSettings } from "../settings.ts";

/** What the routes work with. */
export interface ApiContext {
  bus: Bus;
  store: Store;
  clock: Clock;
  ids: IdSource;
  logger: Logger;
  settings: ConsoleSettings;
  queries: RunQueries;
  knownRuns: KnownRuns;
  /** Public keys of the analyzer. */
  trustedKeys: () => Promise<TrustedKeys["keys"]>;
  /** Aborts when the console closes. */
  closing: AbortSignal;
}

/** @throws RejectedError when the request's sender may not do this */
export function callerOf(api: ApiContext, context: ServerContext, role: AccessRole): Caller {
  return admit(api.settings.tokens, accessRequestOf(context), role);
}

/** @throws RejectedError `BAD_REQUEST` naming what is wrong where */
export function check<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new RejectedError(`The request is not right: ${z.prettifyError(parsed.error)}`, {
    code: "BAD_REQUEST",
  });
}

/** @throws RejectedError `BAD_REQUEST` when the body is not JSON or not what the schema says */
export async function readJson<Schema extends z.ZodType>(
  context: ServerContext,
  schema: Schema,
): Promise<z.infer<Schema>> {
  const text = await context.req.text();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new RejectedError("The body is not JSON.", { code: "BAD_REQUEST", cause: error });
  }
  return check(schema, value);
}
