import { auditChain, auditKey, auditTables } from "@plumbline/contracts/testing";
import { expect, it } from "vitest";
import { createAuditQueries } from "../queries/audit-queries.ts";
import type { StoreBed } from "./harness.contract.ts";

const tenantId = "audited";

/** The audit trail: both parts page by page, of one tenant, each row once however often it was written. */
export function auditCases(bed: StoreBed): void {
  it("gives back both parts and the heads of a run, page by page, once each", async () => {
    const trail = auditTables(auditKey(), [
      ...auditChain("run-1", "chain-a", 3),
      ...auditChain("run-1", "chain-b", 2),
      ...auditChain("run-2", "chain-c", 1),
    ]);
    const own = <Row extends object>(rows: readonly Row[]): Row[] =>
      rows.map((row) => ({ ...row, tenantId }));
    for (const token of ["audit-1", "audit-2"]) {
      await bed.store.insert("tool_calls_audit", own(trail.compliance), token);
      await bed.store.insert("audit_log", own(trail.technical), token);
      await bed.store.insert("audit_heads", own(trail.heads), token);
    }
    const queries = createAuditQueries(bed.store);
    expect(await queries.runIds({ tenantId, after: "", limit: 10 })).toEqual(["run-1", "run-2"]);
    expect(await queries.runIds({ tenantId, after: "run-1", limit: 10 })).toEqual(["run-2"]);

    const run = { tenantId, runId: "run-1", limit: 4, afterHash: "" };
    const afterHash = trail.technical[3]?.link.hash ?? "";
    const first = await queries.technical({ ...run, chainId: "", afterSequence: 0 });
    const rest = await queries.technical({ ...run, chainId: "chain-b", afterSequence: 1, afterHash });
    expect([...first, ...rest]).toEqual(own(trail.technical.slice(0, 5)));
    expect(await queries.compliance({ ...run, limit: 9, chainId: "", afterSequence: 0 })).toEqual(
      own(trail.compliance.slice(0, 5)),
    );
    expect(await queries.heads({ tenantId, ledger: 0, afterIndex: 2, limit: 9 })).toEqual(
      own(trail.heads.slice(2)),
    );
    expect(await queries.summary(run)).toEqual({ records: 5, countersigned: 5 });
  });

  it("shows people the compliance part and refuses them the technical one", async () => {
    const shown = await bed.store.queryUntrusted("SELECT Action, AuthorisedBy FROM tool_calls_audit LIMIT 1");
    expect(shown.columns.map(({ name }) => name)).toEqual(["Action", "AuthorisedBy"]);
    for (const statement of [
      "SELECT Input FROM audit_log",
      "SELECT * FROM plumbline.audit_log",
      "SELECT Action FROM tool_calls_audit WHERE Hash IN (SELECT Hash FROM audit_log)",
      "WITH audit_log AS (SELECT 1 AS Input) SELECT Input FROM audit_log",
    ])
      await expect(bed.store.queryUntrusted(statement)).rejects.toThrow(/audit_log/);
  });
}
