import {
  type Directive,
  directiveSchema,
  type SignedDirective,
  signedDirectiveSchema,
} from "@plumbline/contracts";
import type { KeyRing } from "./trusted-keys.ts";

export type ReadDirective =
  | { type: "directive"; directive: Directive }
  | { type: "rejected"; why: string; runId: string | null; generation: number };

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What a payload that is not believed claims to be about, for the report only. */
function claimOf(envelope: SignedDirective): { runId: string | null; generation: number } {
  const parsed = directiveSchema.safeParse(parseJson(envelope.payload));
  return parsed.success
    ? { runId: parsed.data.runId, generation: parsed.data.generation }
    : { runId: null, generation: 0 };
}

/** Opens an envelope: its shape, its signature over the exact payload bytes, then the payload itself. */
export function readDirective(data: unknown, keys: KeyRing): ReadDirective {
  const envelope = signedDirectiveSchema.safeParse(typeof data === "string" ? parseJson(data) : data);
  if (!envelope.success)
    return { type: "rejected", why: "not a signed directive", runId: null, generation: 0 };
  const { payload, keyId, signature } = envelope.data;
  if (!keys.knows(keyId)) {
    return { type: "rejected", why: `signed with the unknown key ${keyId}`, ...claimOf(envelope.data) };
  }
  if (!keys.holds(keyId, payload, signature)) {
    return { type: "rejected", why: "its signature is wrong", ...claimOf(envelope.data) };
  }
  const directive = directiveSchema.safeParse(parseJson(payload));
  return directive.success
    ? { type: "directive", directive: directive.data }
    : { type: "rejected", why: "its payload is no directive", runId: null, generation: 0 };
}
