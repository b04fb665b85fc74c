import { z } from "zod";
import type { SignedAuditHead, StoredCompliance, StoredTechnical } from "./audit.ts";
import { trustedKeysSchema } from "./control-protocol.ts";

/**
 * The audit trail on the operator API, page by page and as it stands in the tables: nothing is checked on the way, so that
 * whoever asks can find what is wrong.
 *
 * - `GET /api/audit/runs?after=&limit=` → AuditRunIds (viewer)
 * - `GET /api/audit/runs/:run/compliance?chain=&after=&hash=&limit=` → AuditRows (viewer)
 * - `GET /api/audit/runs/:run/technical?chain=&after=&hash=&limit=` → AuditRows (admin)
 * - `GET /api/audit/heads?ledger=&after=&limit=` → AuditHeads (viewer)
 * - `GET /api/audit/head` → AuditTips (viewer): the last head of every ledger, from the log rather than the tables
 */
export const auditPath = {
  runs: "/api/audit/runs",
  part: (runId: string, part: AuditPartName) => `/api/audit/runs/${encodeURIComponent(runId)}/${part}`,
  heads: "/api/audit/heads",
  head: "/api/audit/head",
} as const;

export const auditPartNames = ["compliance", "technical"] as const;
export type AuditPartName = (typeof auditPartNames)[number];

/** A row of a table as it was found: whoever could write it may have written anything. */
const foundRow = <Row>() => z.custom<Row>((value) => typeof value === "object" && value !== null);

export const auditRunIdsSchema = z.object({ runIds: z.array(z.string()) });
export const complianceRowsSchema = z.object({ rows: z.array(foundRow<StoredCompliance>()) });
export const technicalRowsSchema = z.object({ rows: z.array(foundRow<StoredTechnical>()) });
export const auditHeadsSchema = z.object({ heads: z.array(foundRow<SignedAuditHead>()) });
export const auditTipsSchema = z.object({
  heads: z.array(foundRow<SignedAuditHead>()),
  /** Public keys of the analyzer; empty where this console does not know them. */
  keys: trustedKeysSchema.shape.keys,
});
export type AuditTips = z.infer<typeof auditTipsSchema>;
