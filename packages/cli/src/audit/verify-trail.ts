import {
  type AttestedChain,
  type AuditFinding,
  type AuditPartName,
  type Clock,
  RejectedError,
  type SignedAuditHead,
  type StoredCompliance,
  type StoredTechnical,
  type TrustedKeys,
  verifyAuditLedgers,
  verifyAuditRun,
} from "@plumbline/contracts";

/** Where an audit trail is read from. */
export interface AuditTrailSource {
  heads(): Promise<SignedAuditHead[]>;
  runIds(): Promise<string[]>;
  compliance(runId: string): Promise<StoredCompliance[]>;
  technical(runId: string): Promise<StoredTechnical[]>;
}

export interface VerifyOptions {
  source: AuditTrailSource;
  /** Every run when absent. */
  run: string | undefined;
  parts: ReadonlySet<AuditPartName>;
  anchors: readonly SignedAuditHead[];
  keys: TrustedKeys["keys"];
  /** Whether every record must be countersigned; not where there was no server. */
  mustBeAttested: boolean;
}

/** What was looked at, and what is wrong with it. */
export interface TrailVerdict {
  runs: number;
  records: number;
  heads: number;
  findings: AuditFinding[];
}

function chosenRuns(known: ReadonlySet<string>, run: string | undefined): string[] {
  if (run === undefined) return [...known];
  if (known.has(run)) return [run];
  const matching = [...known].filter((runId) => runId.startsWith(run));
  if (matching.length === 1) return matching;
  const what = matching.length === 0 ? "No audited run begins" : "More than one audited run begins";
  throw new RejectedError(`${what} with "${run}".`, {
    code: matching.length === 0 ? "RUN_UNKNOWN" : "RUN_AMBIGUOUS",
    mend: "Give the whole id; 'plumbline runs' lists them.",
  });
}

const noChains: ReadonlyMap<string, AttestedChain> = new Map();

/** Reads the ledgers before the records: whatever was countersigned by then stood in the tables. */
export async function verifyTrail(options: VerifyOptions): Promise<TrailVerdict> {
  const { source, run, parts, anchors, keys, mustBeAttested } = options;
  const heads = await source.heads();
  const ledger = verifyAuditLedgers({ heads, anchors, keys });
  const known = new Set([...(await source.runIds()), ...ledger.attested.keys()]);
  const verdict: TrailVerdict = { runs: 0, records: 0, heads: heads.length, findings: ledger.findings };
  for (const runId of chosenRuns(known, run)) {
    const compliance = parts.has("compliance") ? await source.compliance(runId) : undefined;
    const technical = parts.has("technical") ? await source.technical(runId) : undefined;
    const attested = ledger.attested.get(runId) ?? noChains;
    verdict.runs += 1;
    verdict.records += (compliance ?? technical ?? []).length;
    verdict.findings.push(...verifyAuditRun({ runId, compliance, technical, attested, mustBeAttested }));
  }
  return verdict;
}

/** Records on their way look like an edit for a moment: what is found must be found twice. */
const settleMs = 1500;

/** The same, looking again when something was found at first. */
export async function verifySettledTrail(options: VerifyOptions, clock: Clock): Promise<TrailVerdict> {
  const first = await verifyTrail(options);
  if (first.findings.length === 0) return first;
  await clock.sleep(settleMs);
  return verifyTrail(options);
}
