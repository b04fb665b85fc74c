import { type AuditHead, auditHeadHash, type SignedAuditHead } from "@plumbline/contracts";
import type { ReceivedAudit } from "./audit-log.ts";

/*
 * Owns: in which order the records of a partition are countersigned, and that each chain is so without gaps and forks.
 * Does not own: the key, the log, the tables.
 *
 * The same records in the same order give the same heads, also when some of them are read again: so a successor that goes
 * on after a crash, and a predecessor that does not know yet that it has one, sign the same bytes.
 */

export type SignHead = (head: AuditHead) => SignedAuditHead;

interface ChainState {
  sequence: number;
  hash: string;
}

/** A record whose predecessor has not come yet. */
interface EarlyRecord {
  audit: Pick<ReceivedAudit, "tenantId" | "principal"> & { link: ReceivedAudit["record"]["link"] };
  offset: number;
}

interface TenantLedger {
  index: number;
  tipHash: string;
  /** By run and chain; the one that grew last is the last. */
  chains: Map<string, ChainState>;
  early: Map<string, Map<number, EarlyRecord>>;
}

export interface LedgerOptions {
  /** Number of the partition. */
  ledger: number;
  sign: SignHead;
  /** Chains of a tenant that are remembered; the one that has not grown for longest gives way. */
  maxChains?: number;
  /** Records of the partition that may come between a record and one that it waits for. */
  maxDistance?: number;
}

export interface Countersigned {
  heads: SignedAuditHead[];
  /** Chains that gave way: nothing more is expected of them. */
  forgotten: { tenantId: string; chain: string }[];
}

export const chainKey = ({ runId, chainId }: Pick<AuditHead, "runId" | "chainId">): string =>
  JSON.stringify([runId, chainId]);

/** The ledgers of one partition, one per tenant. */
export class Ledgers {
  readonly #options: Required<LedgerOptions>;
  readonly #tenants = new Map<string, TenantLedger>();

  constructor(options: LedgerOptions) {
    this.#options = { maxChains: 50_000, maxDistance: 20_000, ...options };
  }

  /** Takes over what predecessors signed: the newest head of every chain, in any order. */
  restore(heads: readonly { signed: SignedAuditHead; head: AuditHead }[]): void {
    const inOrder = heads.toSorted((first, second) => first.head.index - second.head.index);
    for (const { signed, head } of inOrder) {
      const tenant = this.#tenant(head.tenantId);
      tenant.index = head.index;
      tenant.tipHash = auditHeadHash(signed.payload);
      tenant.chains.set(chainKey(head), { sequence: head.sequence, hash: head.hash });
    }
  }

  /** Countersigns the record and what waited for it; a record that came before, or does not fit its chain, gives none. */
  accept({ tenantId, principal, record }: ReceivedAudit, offset: number): Countersigned {
    const tenant = this.#tenant(tenantId);
    const result: Countersigned = { heads: [], forgotten: [] };
    const key = chainKey(record.link);
    const early = tenant.early.get(key) ?? new Map<number, EarlyRecord>();
    const expected = (tenant.chains.get(key)?.sequence ?? 0) + 1;
    if (record.link.sequence < expected || early.has(record.link.sequence)) return result;
    early.set(record.link.sequence, { audit: { tenantId, principal, link: record.link }, offset });
    tenant.early.set(key, early);
    this.#signWhatFollows(tenant, key, result);
    if (early.size === 0) tenant.early.delete(key);
    this.#makeRoom(tenantId, tenant, result);
    return result;
  }

  /** Offset of the oldest record that still waits for an earlier one of its chain; undefined when none does. */
  oldestWaiting(lastOffset: number): number | undefined {
    let oldest: number | undefined;
    for (const { early } of this.#tenants.values()) {
      for (const [key, waiting] of early) {
        this.#giveUp(waiting, lastOffset - this.#options.maxDistance);
        if (waiting.size === 0) early.delete(key);
        for (const { offset } of waiting.values()) oldest = Math.min(oldest ?? offset, offset);
      }
    }
    return oldest;
  }

  /** What has waited for too long is never countersigned: what it waits for is missing. */
  #giveUp(waiting: Map<number, EarlyRecord>, before: number): void {
    for (const [sequence, { offset }] of waiting) if (offset < before) waiting.delete(sequence);
  }

  #signWhatFollows(tenant: TenantLedger, key: string, result: Countersigned): void {
    const early = tenant.early.get(key);
    for (;;) {
      const end = tenant.chains.get(key) ?? { sequence: 0, hash: "" };
      const next = early?.get(end.sequence + 1);
      if (next === undefined) return;
      early?.delete(end.sequence + 1);
      // A fork: whatever follows can't follow what was countersigned.
      if (next.audit.link.previous !== end.hash) return;
      result.heads.push(this.#countersign(tenant, next));
      tenant.chains.delete(key);
      tenant.chains.set(key, { sequence: end.sequence + 1, hash: next.audit.link.hash });
    }
  }

  #countersign(tenant: TenantLedger, { audit }: EarlyRecord): SignedAuditHead {
    const { tenantId, principal, link } = audit;
    const { runId, chainId, sequence, hash } = link;
    const signed = this.#options.sign({
      version: 1,
      type: "audit-head",
      tenantId,
      ledger: this.#options.ledger,
      index: tenant.index + 1,
      previous: tenant.tipHash,
      runId,
      chainId,
      sequence,
      hash,
      principal,
    });
    tenant.index += 1;
    tenant.tipHash = auditHeadHash(signed.payload);
    return signed;
  }

  #makeRoom(tenantId: string, tenant: TenantLedger, result: Countersigned): void {
    for (const chain of tenant.chains.keys()) {
      if (tenant.chains.size <= this.#options.maxChains) return;
      tenant.chains.delete(chain);
      result.forgotten.push({ tenantId, chain });
    }
  }

  #tenant(tenantId: string): TenantLedger {
    const known = this.#tenants.get(tenantId);
    if (known !== undefined) return known;
    const tenant: TenantLedger = { index: 0, tipHash: "", chains: new Map(), early: new Map() };
    this.#tenants.set(tenantId, tenant);
    return tenant;
  }
}
