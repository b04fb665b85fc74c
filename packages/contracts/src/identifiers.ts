import { hash } from "node:crypto";
import { z } from "zod";

const tenantPattern = /^[A-Za-z0-9._-]{0,64}$/;
// oxlint-disable-next-line no-control-regex -- control characters are exactly what an id must not hold
const idPattern = /^[^\s\u0000-\u001f\u007f]{1,256}$/u;

/** Tenant of everything; the empty tenant is the default one. Comes from the token, never from telemetry. */
export const tenantIdSchema = z
  .string()
  .regex(tenantPattern, "A tenant id has at most 64 of A-Z a-z 0-9 . _ -");
export type TenantId = z.infer<typeof tenantIdSchema>;

/** Run, step, finding, command and approval ids: 1 to 256 characters, no white space, no control characters. */
export const idSchema = z.string().regex(idPattern, "An id has 1 to 256 characters without white space");
export type RunId = string;
export type StepId = string;
export type FindingId = string;
export type CommandId = string;

/** Milliseconds since the Unix epoch; fractions allowed (spans carry nanoseconds). */
export const timeMsSchema = z.number().nonnegative();

/**
 * Deterministic id: hash of its parts, length-prefixed so that no two part lists collide.
 * @param prefix one or two letters that tell a reader what the id names
 */
export function derivedId(prefix: string, parts: readonly (string | number)[]): string {
  let text = "";
  for (const part of parts) {
    const told = String(part);
    text += `${String(told.length)}:${told}`;
  }
  return `${prefix}-${BigInt(`0x${hash("sha256", text, "hex").slice(0, 20)}`)
    .toString(36)
    .padStart(16, "0")}`;
}

/** Key of every record about a run: what is partitioned together, is ordered together. */
export function runKey(tenantId: TenantId, runId: RunId): string {
  return `${tenantId}/${runId}`;
}

/** Inverse of {@link runKey}; a tenant id holds no slash, a run id may. */
export function parseRunKey(key: string): { tenantId: TenantId; runId: RunId } {
  const slash = key.indexOf("/");
  return slash < 0
    ? { tenantId: "", runId: key }
    : { tenantId: key.slice(0, slash), runId: key.slice(slash + 1) };
}
