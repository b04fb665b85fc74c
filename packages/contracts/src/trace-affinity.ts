import type { RunId, TenantId } from "./identifiers.ts";

/*
 * Keys of the topic of trace affinities; the value is the id of the run, and nothing once the key is no longer needed.
 */

/** All records of the trace belong to the run. */
export const traceAffinityKey = (tenantId: TenantId, traceId: string): string =>
  `trace/${tenantId}/${traceId}`;

const aliasKind = "alias/";

/** The run is also called by another id. */
export const aliasAffinityKey = (tenantId: TenantId, alias: RunId): string =>
  `${aliasKind}${tenantId}/${alias}`;

export const isAliasAffinityKey = (key: string): boolean => key.startsWith(aliasKind);

const decoder = new TextDecoder();

/** The run that a record tells of; undefined when it tells that its key is no longer needed. */
export function runOfAffinity(
  key: string,
  value: Uint8Array,
): { tenantId: TenantId; runId: RunId } | undefined {
  const [, tenantId] = key.split("/", 2);
  if (tenantId === undefined || value.byteLength === 0) return undefined;
  return { tenantId, runId: decoder.decode(value) };
}
