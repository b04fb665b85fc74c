import {
  auditHash,
  auditLinkHash,
  type AuditLink,
  type StoredCompliance,
  type StoredTechnical,
} from "./audit.ts";
import type { AttestedChain, AuditFinding } from "./audit-ledger.ts";

/*
 * Owns: whether the records of one run are whole, in order, unchanged and vouched for.
 * Does not own: what the ledgers vouch for (audit-ledger).
 */

/** Both parts of a run's records as they stand now, in any order; undefined for a part that is not kept here. */
interface RunEvidence {
  runId: string;
  compliance: readonly StoredCompliance[] | undefined;
  technical: readonly StoredTechnical[] | undefined;
  /** By chain; empty when nobody vouches for anything of the run. */
  attested: ReadonlyMap<string, AttestedChain>;
  /** Whether every record must be vouched for; not where there was no server. */
  mustBeAttested: boolean;
}

interface Row {
  link: AuditLink;
  /** Whether the part is the one that the link was made for. */
  isWhole: boolean;
}

type PartName = "compliance" | "technical";

const complianceRow = ({ link, compliance }: StoredCompliance): Row => ({
  link,
  isWhole: auditHash(compliance) === link.complianceHash,
});
const technicalRow = ({ link, technical }: StoredTechnical): Row => ({
  link,
  isWhole: auditHash(technical) === link.technicalHash,
});

interface Place {
  part: PartName;
  runId: string;
  chainId: string;
}

const rangeText = (from: number, to: number): string =>
  from === to ? `record ${String(from)}` : `records ${String(from)} to ${String(to)}`;

/** One chain in one table. */
class ChainWalk {
  readonly findings: AuditFinding[] = [];
  readonly #place: Place;
  readonly #attested: AttestedChain | undefined;

  constructor(place: Place, attested: AttestedChain | undefined) {
    this.#place = place;
    this.#attested = attested;
  }

  walk(rows: readonly Row[], mustBeAttested: boolean): void {
    const ordered = rows.toSorted((first, second) => first.link.sequence - second.link.sequence);
    let before: AuditLink | undefined;
    for (const row of ordered) {
      this.#checkRow(row);
      if (this.#checkPlace(row.link, before)) before = row.link;
    }
    this.#checkEnd(before?.sequence ?? 0);
    if (mustBeAttested) this.#checkUnattested(ordered);
  }

  #report(kind: AuditFinding["kind"], position: string, what: string): void {
    const { part, runId, chainId } = this.#place;
    this.findings.push({ kind, runId, where: `${part} part, chain ${chainId}, ${position}`, what });
  }

  #checkRow({ link, isWhole }: Row): void {
    const position = rangeText(link.sequence, link.sequence);
    if (!isWhole) this.#report("changed", position, "its content is not the one that was hashed");
    if (auditLinkHash(link) !== link.hash)
      this.#report("changed", position, "its place in the chain is not the one that was hashed");
    const attested = this.#attested;
    if (attested?.sequence === link.sequence && attested.hash !== link.hash)
      this.#report("changed", position, "the analyzer countersigned another record");
  }

  /** False for a record whose place is taken. */
  #checkPlace(link: AuditLink, before: AuditLink | undefined): boolean {
    const expected = (before?.sequence ?? 0) + 1;
    const position = rangeText(link.sequence, link.sequence);
    if (link.sequence < expected) {
      this.#report("inserted", position, "there are two records with this number");
      return false;
    }
    if (link.sequence > expected)
      this.#report("missing", rangeText(expected, link.sequence - 1), "not there, and later ones are");
    else if (link.previous !== (before?.hash ?? ""))
      this.#report("changed", position, "it does not follow the record before it");
    return true;
  }

  #checkEnd(last: number): void {
    const vouchedFor = this.#attested?.sequence ?? 0;
    if (last >= vouchedFor) return;
    const what = `the analyzer countersigned ${String(vouchedFor)} records of the chain`;
    this.#report("truncated", rangeText(last + 1, vouchedFor), what);
  }

  #checkUnattested(ordered: readonly Row[]): void {
    const vouchedFor = this.#attested?.sequence ?? 0;
    const beyond = ordered.filter(({ link }) => link.sequence > vouchedFor);
    const [first] = beyond;
    const last = beyond.at(-1);
    if (first === undefined || last === undefined) return;
    const range = rangeText(first.link.sequence, last.link.sequence);
    this.#report("inserted", range, "the analyzer countersigned no such record");
  }
}

function byChain(rows: readonly Row[]): Map<string, Row[]> {
  const chains = new Map<string, Row[]>();
  for (const row of rows) {
    const chain = chains.get(row.link.chainId);
    if (chain === undefined) chains.set(row.link.chainId, [row]);
    else chain.push(row);
  }
  return chains;
}

function verifyPart(part: PartName, rows: readonly Row[], evidence: RunEvidence): AuditFinding[] {
  const { runId, attested, mustBeAttested } = evidence;
  const chains = byChain(rows);
  const chainIds = new Set([...chains.keys(), ...attested.keys()]);
  return [...chainIds].flatMap((chainId) => {
    const walk = new ChainWalk({ part, runId, chainId }, attested.get(chainId));
    walk.walk(chains.get(chainId) ?? [], mustBeAttested);
    return walk.findings;
  });
}

/** Where both parts are here, they must be of the same records: nothing else binds the ends that nobody vouches for. */
function comparedLinks(compliance: readonly Row[], technical: readonly Row[], runId: string): AuditFinding[] {
  const keyOf = ({ link }: Row): string => `chain ${link.chainId}, record ${String(link.sequence)}`;
  const hashes = new Map(technical.map((row) => [keyOf(row), row.link.hash]));
  const finding = (row: Row, what: string): AuditFinding => ({
    kind: "missing",
    runId,
    where: keyOf(row),
    what,
  });
  const ofCompliance = new Set(compliance.map(keyOf));
  return [
    ...compliance
      .filter((row) => hashes.get(keyOf(row)) !== row.link.hash)
      .map((row) => finding(row, "the compliance part has no technical part")),
    ...technical
      .filter((row) => !ofCompliance.has(keyOf(row)))
      .map((row) => finding(row, "the technical part has no compliance part")),
  ];
}

function verifyParts(
  evidence: RunEvidence,
  compliance: readonly Row[] | undefined,
  technical: readonly Row[] | undefined,
): AuditFinding[] {
  const ofCompliance = compliance === undefined ? [] : verifyPart("compliance", compliance, evidence);
  const ofTechnical = technical === undefined ? [] : verifyPart("technical", technical, evidence);
  const between =
    compliance === undefined || technical === undefined
      ? []
      : comparedLinks(compliance, technical, evidence.runId);
  return [...ofCompliance, ...ofTechnical, ...between];
}

/** Whether a run's records are whole, in order, unchanged and vouched for. Pure; empty when all is well. */
export function verifyAuditRun(evidence: RunEvidence): AuditFinding[] {
  const { runId, attested } = evidence;
  const compliance = evidence.compliance?.map(complianceRow);
  const technical = evidence.technical?.map(technicalRow);
  const isGone = [...(compliance ?? []), ...(technical ?? [])].length === 0;
  if (attested.size === 0 || !isGone) return verifyParts(evidence, compliance, technical);
  const what = `no record is left; the analyzer countersigned ${String(attested.size)} chains of it`;
  return [{ kind: "run-missing", runId, where: `run ${runId}`, what }];
}
