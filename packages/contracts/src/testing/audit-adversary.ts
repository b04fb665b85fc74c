import { appendAudit, type AuditChainEnd, type AuditLink } from "../audit.ts";
import type { Random } from "../clock.ts";
import { auditKey, auditParts, type AuditTables, signedAuditLedger } from "./audit-trail.ts";

type Part = "compliance" | "technical";
type Table = keyof AuditTables;

/**
 * Somebody who can write every table and has no key. Each edit changes the given tables in place; an edit that happens to
 * change nothing says so.
 */
export class AuditAdversary {
  readonly #random: Random;
  readonly #forger = auditKey("key-forged");

  constructor(random: Random) {
    this.#random = random;
  }

  /** Names of what it can do. */
  static readonly edits = [
    "change",
    "delete",
    "swap",
    "insert",
    "truncate",
    "remove-run",
    "rewrite-chain",
    "rewrite-ledger",
  ] as const;

  edit(kind: (typeof AuditAdversary.edits)[number], tables: AuditTables): void {
    const edits: Record<(typeof AuditAdversary.edits)[number], () => void> = {
      change: () => this.#change(tables),
      delete: () => this.#delete(tables),
      swap: () => this.#swap(tables),
      insert: () => this.#insert(tables),
      truncate: () => this.#truncate(tables),
      "remove-run": () => this.#removeRun(tables),
      "rewrite-chain": () => this.#rewriteChain(tables),
      "rewrite-ledger": () => this.#rewriteLedger(tables),
    };
    edits[kind]();
  }

  #below(end: number): number {
    return Math.floor(this.#random.next() * end);
  }

  #oneOf<Item>(items: readonly Item[]): Item {
    const item = items[this.#below(items.length)];
    if (item === undefined) throw new RangeError("There is nothing to choose from.");
    return item;
  }

  #table(): Table {
    return this.#oneOf(["compliance", "technical", "heads"] as const);
  }

  #parts(): readonly Part[] {
    return this.#oneOf([["compliance"], ["technical"], ["compliance", "technical"]] as const);
  }

  #chain(tables: AuditTables): string {
    return this.#oneOf(tables.compliance).link.chainId;
  }

  #changed(value: unknown): unknown {
    if (typeof value === "number") return value + 1 + this.#below(9);
    if (typeof value === "boolean") return !value;
    if (typeof value !== "string" || value === "")
      return Array.isArray(value) ? [...(value as unknown[]), "more"] : "forged";
    const position = this.#below(value.length);
    const other = value[position] === "0" ? "1" : "0";
    return `${value.slice(0, position)}${other}${value.slice(position + 1)}`;
  }

  /** One field of one row, its link included. */
  #change(tables: AuditTables): void {
    const row = this.#oneOf<object>(tables[this.#table()]) as Record<string, unknown>;
    const name = this.#oneOf(Object.keys(row));
    const value = row[name];
    if (typeof value !== "object" || value === null) {
      row[name] = this.#changed(value);
      return;
    }
    const inner = this.#oneOf(Object.keys(value));
    row[name] = { ...value, [inner]: this.#changed((value as Record<string, unknown>)[inner]) };
  }

  #delete(tables: AuditTables): void {
    if (this.#random.next() < 0.3) {
      tables.heads.splice(this.#below(tables.heads.length), 1);
      return;
    }
    const position = this.#below(tables.compliance.length);
    for (const part of this.#parts()) tables[part].splice(position, 1);
  }

  /** Two rows change places: with their numbers, or only what they say. */
  #swap(tables: AuditTables): void {
    const rows = tables[this.#oneOf(["compliance", "technical"] as const)];
    const first = this.#oneOf<{ link: AuditLink }>(rows);
    const second = this.#oneOf<{ link: AuditLink }>(rows.filter((row) => row !== first));
    const links: [AuditLink, AuditLink] = [first.link, second.link];
    const keepsPlace = this.#random.next() < 0.5;
    [first.link, second.link] = keepsPlace
      ? [links[1], links[0]]
      : [
          { ...links[0], sequence: links[1].sequence },
          { ...links[1], sequence: links[0].sequence },
        ];
  }

  /** A well-made record at the end of a chain, or a copy of one that is there. */
  #insert(tables: AuditTables): void {
    const chainId = this.#random.next() < 0.7 ? this.#chain(tables) : "chain-forged";
    const last = tables.compliance.filter(({ link }) => link.chainId === chainId).at(-1)?.link;
    const end: AuditChainEnd = last ?? {
      runId: this.#oneOf(tables.compliance).link.runId,
      chainId,
      sequence: 0,
      hash: "",
    };
    const { link, compliance, technical } = appendAudit(end, auditParts(this.#below(1000)));
    const parts = this.#parts();
    if (parts.includes("compliance")) tables.compliance.push({ tenantId: "", link, compliance });
    if (parts.includes("technical")) tables.technical.push({ tenantId: "", link, technical });
    if (this.#random.next() < 0.3) this.#appendHead(tables, link);
  }

  #appendHead(tables: AuditTables, link: AuditLink): void {
    const index = tables.heads.length + 1;
    const forged = signedAuditLedger(this.#forger, [link]).map((head) => ({ ...head, index }));
    tables.heads.push(...forged);
  }

  /** The end of a chain, in both tables and, when it is thorough, in the ledger from there on. */
  #truncate(tables: AuditTables): void {
    const chainId = this.#chain(tables);
    const length = tables.compliance.filter(({ link }) => link.chainId === chainId).length;
    const kept = this.#below(length);
    const goes = ({ link }: { link: AuditLink }): boolean => link.chainId === chainId && link.sequence > kept;
    const cut = tables.heads.findIndex(({ payload }) => goes({ link: JSON.parse(payload) as AuditLink }));
    this.#remove(tables, goes);
    if (this.#random.next() < 0.5) tables.heads.splice(cut);
  }

  #remove(tables: AuditTables, goes: (row: { link: AuditLink }) => boolean): void {
    tables.compliance = tables.compliance.filter((row) => !goes(row));
    tables.technical = tables.technical.filter((row) => !goes(row));
  }

  /** A run with all that tells of it; the ledger is closed up behind it, or not. */
  #removeRun(tables: AuditTables): void {
    const { runId } = this.#oneOf(tables.compliance).link;
    this.#remove(tables, ({ link }) => link.runId === runId);
    tables.heads = tables.heads.filter(({ payload }) => (JSON.parse(payload) as AuditLink).runId !== runId);
    if (this.#random.next() < 0.5)
      tables.heads = tables.heads.map((head, at) => ({ ...head, index: at + 1 }));
  }

  /** One record says something else, and every hash after it is right again. */
  #rewriteChain(tables: AuditTables): void {
    const chainId = this.#chain(tables);
    const at = this.#below(tables.compliance.filter(({ link }) => link.chainId === chainId).length) + 1;
    let end: AuditChainEnd | undefined;
    for (const [position, row] of tables.compliance.entries()) {
      const technicalRow = tables.technical[position];
      if (row.link.chainId !== chainId || technicalRow === undefined) continue;
      const authorisedBy = row.link.sequence === at ? "user:mallory" : row.compliance.authorisedBy;
      const before: AuditChainEnd = end ?? { ...row.link, sequence: 0, hash: "" };
      const made = appendAudit(before, {
        compliance: { ...row.compliance, authorisedBy },
        technical: technicalRow.technical,
      });
      tables.compliance[position] = { ...row, link: made.link, compliance: made.compliance };
      tables.technical[position] = { ...technicalRow, link: made.link };
      end = made.link;
    }
  }

  /** The chain and a ledger that vouches for it, signed with a key of one's own, under either name. */
  #rewriteLedger(tables: AuditTables): void {
    this.#rewriteChain(tables);
    const links = tables.compliance.map(({ link }) => link);
    const { keyId = "" } = tables.heads[0] ?? {};
    const claimed = this.#random.next() < 0.5 ? keyId : this.#forger.keyId;
    tables.heads = signedAuditLedger(this.#forger, links).map((head) => ({ ...head, keyId: claimed }));
  }
}
