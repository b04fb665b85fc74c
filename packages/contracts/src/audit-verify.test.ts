import { describe, expect, it } from "vitest";
import type { AuditRecord, SignedAuditHead } from "./audit.ts";
import { type AuditFinding, verifyAuditLedgers } from "./audit-ledger.ts";
import { verifyAuditRun } from "./audit-verify.ts";
import { AuditAdversary } from "./testing/audit-adversary.ts";
import { auditChain, auditKey, type AuditTables, auditTables } from "./testing/audit-trail.ts";
import { createSeededRandom } from "./testing/deterministic.ts";

const key = auditKey();

/** Three runs, one of them in two processes, as they came in side by side. */
const records: AuditRecord[] = [
  ...auditChain("run-a", "chain-a1", 7),
  ...auditChain("run-a", "chain-a2", 3),
  ...auditChain("run-b", "chain-b", 5),
  ...auditChain("run-c", "chain-c", 1),
].toSorted((first, second) => first.link.sequence - second.link.sequence);
const whole = auditTables(key, records);
const anchors = whole.heads.slice(-1);

function verify(tables: AuditTables, kept: readonly SignedAuditHead[] = anchors): AuditFinding[] {
  const ofTenant = <Row extends { tenantId: string }>(rows: readonly Row[]): Row[] =>
    rows.filter(({ tenantId }) => tenantId === "");
  const heads = ofTenant(tables.heads);
  const compliance = ofTenant(tables.compliance);
  const technical = ofTenant(tables.technical);
  const ledger = verifyAuditLedgers({ heads, anchors: kept, keys: key.trusted });
  const runIds = new Set([
    ...ledger.attested.keys(),
    ...compliance.map(({ link }) => link.runId),
    ...technical.map(({ link }) => link.runId),
  ]);
  const ofRuns = [...runIds].flatMap((runId) =>
    verifyAuditRun({
      runId,
      compliance: compliance.filter(({ link }) => link.runId === runId),
      technical: technical.filter(({ link }) => link.runId === runId),
      attested: ledger.attested.get(runId) ?? new Map(),
      mustBeAttested: true,
    }),
  );
  return [...ledger.findings, ...ofRuns];
}

const kindsOf = (findings: readonly AuditFinding[]): string[] => [
  ...new Set(findings.map(({ kind }) => kind)),
];

describe("audit trail", () => {
  it("is in order when nobody touched it, whatever order its rows come in", () => {
    expect(verify(whole)).toEqual([]);
    const reversed = structuredClone(whole);
    for (const rows of Object.values(reversed)) rows.reverse();
    expect(verify(reversed)).toEqual([]);
  });

  it("gives away each of 1,000 edits by somebody who can write every table and has no key", () => {
    const random = createSeededRandom(20_260_101);
    const adversary = new AuditAdversary(random);
    const missed: string[] = [];
    const made = new Map<string, number>();
    while ([...made.values()].reduce((sum, count) => sum + count, 0) < 1000) {
      const kind = AuditAdversary.edits[Math.floor(random.next() * AuditAdversary.edits.length)] ?? "change";
      const tables = structuredClone(whole);
      adversary.edit(kind, tables);
      if (JSON.stringify(tables) === JSON.stringify(whole)) continue;
      made.set(kind, (made.get(kind) ?? 0) + 1);
      if (verify(tables).length === 0) missed.push(kind);
    }
    expect(missed).toEqual([]);
    expect([...made.keys()].toSorted()).toEqual([...AuditAdversary.edits].toSorted());
  }, 60_000);

  it("names a run that was deleted with all its countersigned heads by the head kept outside", () => {
    const tables = structuredClone(whole);
    tables.compliance = tables.compliance.filter(({ link }) => link.runId !== "run-b");
    tables.technical = tables.technical.filter(({ link }) => link.runId !== "run-b");
    expect(verify(tables)).toEqual([expect.objectContaining({ kind: "run-missing", runId: "run-b" })]);
  });

  it("is rolled back unnoticed only where no head was kept outside", () => {
    const tables = structuredClone(whole);
    const [last] = tables.heads.splice(-1);
    const { chainId, sequence } = JSON.parse(last?.payload ?? "") as { chainId: string; sequence: number };
    const stays = ({ link }: { link: AuditRecord["link"] }): boolean =>
      link.chainId !== chainId || link.sequence !== sequence;
    tables.compliance = tables.compliance.filter(stays);
    tables.technical = tables.technical.filter(stays);
    expect(verify(tables, [])).toEqual([]);
    expect(kindsOf(verify(tables))).toEqual(["head-missing"]);
  });

  it("tells a changed, a missing, an inserted and a truncated record apart", () => {
    const changed = structuredClone(whole);
    const [row] = changed.compliance;
    if (row !== undefined) row.compliance.authorisedBy = "user:mallory";
    expect(kindsOf(verify(changed))).toEqual(["changed"]);

    const missing = structuredClone(whole);
    const goesFrom = (rows: AuditTables["technical"], sequence: number): AuditTables["technical"] =>
      rows.filter(({ link }) => link.chainId !== "chain-a1" || link.sequence !== sequence);
    missing.technical = goesFrom(missing.technical, 3);
    expect(kindsOf(verify(missing))).toContain("missing");

    const truncated = structuredClone(whole);
    truncated.technical = goesFrom(truncated.technical, 7);
    expect(kindsOf(verify(truncated))).toContain("truncated");

    const inserted = auditTables(key, records);
    const more = auditChain("run-c", "chain-c", 2).slice(1);
    inserted.compliance.push(...auditTables(key, more).compliance);
    inserted.technical.push(...auditTables(key, more).technical);
    expect(kindsOf(verify(inserted))).toEqual(["inserted"]);
  });
});
