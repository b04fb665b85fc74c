import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { type AuditHead, auditHeadHash, auditHeadSchema, type SignedAuditHead } from "./audit.ts";
import type { TrustedKeys } from "./control-protocol.ts";

/*
 * Owns: whether the ledgers are what the analyzer signed, and what they vouch for.
 * Does not own: the records themselves (audit-verify).
 */

const auditFindingKinds = [
  "changed",
  "missing",
  "inserted",
  "truncated",
  "run-missing",
  "head-changed",
  "head-missing",
  "head-contradicted",
] as const;

/** Something that is not as it was written. */
export interface AuditFinding {
  kind: (typeof auditFindingKinds)[number];
  /** Null when it concerns a ledger as a whole. */
  runId: string | null;
  /** Table, chain or ledger, and position. */
  where: string;
  what: string;
}

/** The end of a chain as the analyzer vouches for it. */
export interface AttestedChain {
  sequence: number;
  hash: string;
}

/** By run and chain. */
type AttestedChains = ReadonlyMap<string, ReadonlyMap<string, AttestedChain>>;

interface LedgerEvidence {
  /** Rows of the ledgers, in any order. */
  heads: readonly SignedAuditHead[];
  /** Heads that were kept where whoever writes the tables can't reach: the ledgers must still hold them. */
  anchors: readonly SignedAuditHead[];
  keys: TrustedKeys["keys"];
}

interface LedgerVerdict {
  findings: AuditFinding[];
  attested: AttestedChains;
  /** The last entry of each ledger. */
  tips: SignedAuditHead[];
}

const nameOf = ({ tenantId, ledger }: Pick<SignedAuditHead, "tenantId" | "ledger">): string =>
  `ledger ${tenantId === "" ? "" : `${tenantId}/`}${String(ledger)}`;
const placeOf = (head: SignedAuditHead): string => `${nameOf(head)}, entry ${String(head.index)}`;

/** Checks signatures of heads. */
class HeadReader {
  readonly #keys = new Map<string, KeyObject>();

  /** @param keys keys that can't be read are left out: what they signed is then signed by nobody known */
  constructor(keys: TrustedKeys["keys"]) {
    for (const { keyId, publicKeyPem } of keys) {
      try {
        this.#keys.set(keyId, createPublicKey(publicKeyPem));
      } catch {
        continue;
      }
    }
  }

  /** The content of a head, or why it can't be believed. */
  read(head: SignedAuditHead): AuditHead | string {
    const key = this.#keys.get(head.keyId);
    if (key === undefined) return `its key ${head.keyId} is none of the trusted ones`;
    const signature = Buffer.from(head.signature, "base64url");
    // Several texts decode to the same bytes; only one of them was written.
    const isWritten = signature.toString("base64url") === head.signature;
    if (!isWritten || !verify(null, Buffer.from(head.payload, "utf8"), key, signature))
      return "its signature is wrong";
    const parsed = auditHeadSchema.safeParse(JSON.parse(head.payload));
    if (!parsed.success) return "what was signed is no audit head";
    const { tenantId, ledger, index } = parsed.data;
    const isAtItsPlace = tenantId === head.tenantId && ledger === head.ledger && index === head.index;
    return isAtItsPlace ? parsed.data : "it was signed for another place";
  }
}

/** Walks ledgers from their first entry to their last. */
class LedgerWalk {
  readonly findings: AuditFinding[] = [];
  readonly attested = new Map<string, Map<string, AttestedChain>>();
  readonly #reader: HeadReader;

  constructor(reader: HeadReader) {
    this.#reader = reader;
  }

  walk(entries: readonly SignedAuditHead[]): void {
    let previous: SignedAuditHead | undefined;
    for (const entry of entries) {
      if (this.#follows(previous, entry)) this.#check(previous, entry);
      else continue;
      previous = entry;
    }
  }

  report(kind: AuditFinding["kind"], head: SignedAuditHead, what: string): void {
    this.findings.push({ kind, runId: null, where: placeOf(head), what });
  }

  /** False for an entry whose place is taken. */
  #follows(previous: SignedAuditHead | undefined, entry: SignedAuditHead): boolean {
    const expected = (previous?.index ?? 0) + 1;
    if (entry.index < expected) {
      this.report("head-changed", entry, "there are two entries with this number");
      return false;
    }
    if (entry.index > expected) {
      const count = entry.index - expected;
      const from = count === 1 ? `Entry ${String(expected)} is` : `${String(count)} entries before it are`;
      this.report("head-missing", entry, `${from} missing`);
    }
    return true;
  }

  #check(previous: SignedAuditHead | undefined, entry: SignedAuditHead): void {
    const head = this.#reader.read(entry);
    if (typeof head === "string") {
      this.report("head-changed", entry, head);
      return;
    }
    const isNext = entry.index === (previous?.index ?? 0) + 1;
    const expected = previous === undefined ? "" : auditHeadHash(previous.payload);
    if (isNext && head.previous !== expected)
      this.report("head-changed", entry, "the entry before it is not the one that it was signed after");
    this.#attest(head);
  }

  #attest({ runId, chainId, sequence, hash }: AuditHead): void {
    const chains = this.attested.get(runId) ?? new Map<string, AttestedChain>();
    const known = chains.get(chainId);
    if (known === undefined || known.sequence < sequence) chains.set(chainId, { sequence, hash });
    this.attested.set(runId, chains);
  }
}

function ledgersOf(heads: readonly SignedAuditHead[]): Map<string, SignedAuditHead[]> {
  const ledgers = new Map<string, SignedAuditHead[]>();
  for (const head of heads) {
    const name = nameOf(head);
    const ledger = ledgers.get(name);
    if (ledger === undefined) ledgers.set(name, [head]);
    else ledger.push(head);
  }
  for (const ledger of ledgers.values()) ledger.sort((first, second) => first.index - second.index);
  return ledgers;
}

/** A head kept outside against the ledger as it stands now. */
function checkAnchor(
  anchor: SignedAuditHead,
  ledger: readonly SignedAuditHead[],
  context: { walk: LedgerWalk; reader: HeadReader },
): void {
  const { walk, reader } = context;
  const content = reader.read(anchor);
  if (typeof content === "string") {
    walk.report("head-contradicted", anchor, `The head kept outside can't be believed: ${content}`);
    return;
  }
  const entry = ledger.find(({ index }) => index === anchor.index);
  if (entry === undefined) {
    const last = ledger.at(-1)?.index ?? 0;
    const what = `The head kept outside vouches for it; the ledger has ${String(last)} entries at most`;
    walk.report("head-missing", anchor, what);
  } else if (entry.payload !== anchor.payload)
    walk.report("head-contradicted", anchor, "The head kept outside says something else");
}

/** Whether the ledgers are whole and signed, and agree with the heads that were kept outside. Pure. */
export function verifyAuditLedgers({ heads, anchors, keys }: LedgerEvidence): LedgerVerdict {
  const reader = new HeadReader(keys);
  const walk = new LedgerWalk(reader);
  const ledgers = ledgersOf(heads);
  for (const ledger of ledgers.values()) walk.walk(ledger);
  for (const anchor of anchors) checkAnchor(anchor, ledgers.get(nameOf(anchor)) ?? [], { walk, reader });
  const tips = [...ledgers.values()].flatMap((ledger) => ledger.slice(-1));
  return { findings: walk.findings, attested: walk.attested, tips };
}
