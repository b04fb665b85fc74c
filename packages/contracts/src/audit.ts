import canonicalize from "canonicalize";
import { hash as digest } from "node:crypto";
import { z } from "zod";
import { idSchema, tenantIdSchema } from "./identifiers.ts";

/*
 * The audit trail: one record for every tool call, in two parts that go to different places. The compliance part says what
 * was done, to what, on whose authority and with what outcome, and holds no raw content; the technical part holds the
 * content. Records of one agent process and run form a chain. Both parts travel with the same link, so that each can be
 * verified without the other, and neither can be exchanged.
 */

/** Whole milliseconds since the epoch: what is hashed must come back from every sink exactly as it went in. */
const wholeMsSchema = z.number().int().nonnegative();
const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/u, "64 hexadecimal digits");

/**
 * - `succeeded`, `failed`: the tool was called, and this is what came of it
 * - `recalled`: the tool was not called again, the result of the earlier call was given: the run was resumed
 * - `refused`: the tool was not called: a guard, a person, a check of the arguments, or the run was stopped before
 * - `interrupted`: the tool was called, and the run was stopped or waits for a person meanwhile; what it had done by then is
 *   not known
 */
export const auditOutcomes = ["succeeded", "failed", "recalled", "refused", "interrupted"] as const;

/** What an auditor may read: no arguments, results or messages of errors. */
const auditComplianceSchema = z.object({
  agentName: z.string(),
  /** Step of the run; empty when the call never became one. */
  stepId: z.string(),
  toolName: z.string(),
  /** What the call does, in words for a person, as the tool declares it. */
  action: z.string(),
  risk: z.enum(["safe", "low", "medium", "high"]).nullable(),
  reversible: z.boolean().nullable(),
  /** Kinds of data that the tool declares to read; null when it declares nothing. */
  dataAccessed: z.array(z.string()).nullable(),
  dataModified: z.array(z.string()).nullable(),
  authorisedBy: z.string(),
  outcome: z.enum(auditOutcomes),
  /** Name of the error, without its message. */
  errorType: z.string().nullable(),
  startedAtMs: wholeMsSchema,
  endedAtMs: wholeMsSchema,
});
export type AuditCompliance = z.infer<typeof auditComplianceSchema>;

/** What was passed and what came back, as far as the agent's content policy lets it out. */
const auditTechnicalSchema = z.object({
  /** Random: the hash in the compliance part must not let anyone guess short contents. */
  salt: z.string().min(16),
  callId: z.string(),
  idempotencyKey: z.string(),
  /** Arguments as JSON text; null where no content may leave the process. */
  input: z.string().nullable(),
  output: z.string().nullable(),
  error: z.string().nullable(),
  /** When the tool itself was called; null when it was not. */
  performedAtMs: wholeMsSchema.nullable(),
  durationMs: wholeMsSchema,
});
export type AuditTechnical = z.infer<typeof auditTechnicalSchema>;

/** Place of a record in its chain; all hashes are SHA-256, hex. */
const auditLinkSchema = z.object({
  runId: idSchema,
  /** One per agent process and start of the run: processes that share a run share no chain. */
  chainId: idSchema,
  /** From 1, without gaps. */
  sequence: z.number().int().positive(),
  /** Hash of the record before; empty for the first. */
  previous: z.union([sha256Schema, z.literal("")]),
  complianceHash: sha256Schema,
  technicalHash: sha256Schema,
  /** Of everything above. */
  hash: sha256Schema,
});
export type AuditLink = z.infer<typeof auditLinkSchema>;

/** The record of one tool call as the agent sends it. */
export const auditRecordSchema = z.object({
  version: z.literal(1),
  link: auditLinkSchema,
  compliance: auditComplianceSchema,
  technical: auditTechnicalSchema,
});
export type AuditRecord = z.infer<typeof auditRecordSchema>;

/** The parts as they are kept, each by itself; the tenant is that of the sender's token. */
export interface StoredCompliance {
  tenantId: string;
  link: AuditLink;
  compliance: AuditCompliance;
}

export interface StoredTechnical {
  tenantId: string;
  link: AuditLink;
  technical: AuditTechnical;
}

/** What the analyzer vouches for: it has seen this record, whole and in order, as the `index`-th of its ledger. */
export const auditHeadSchema = z.object({
  version: z.literal(1),
  type: z.literal("audit-head"),
  tenantId: tenantIdSchema,
  /** A ledger holds the records of all runs of a tenant in one partition of the bus. */
  ledger: z.number().int().nonnegative(),
  /** From 1, without gaps: a run that is deleted whole leaves a gap. */
  index: z.number().int().positive(),
  /** SHA-256 of the payload before; empty for the first. */
  previous: z.union([sha256Schema, z.literal("")]),
  runId: idSchema,
  chainId: idSchema,
  sequence: z.number().int().positive(),
  /** The record's. */
  hash: sha256Schema,
  /** Who sent the record, as the receiver authenticated it; empty when nobody was asked. */
  principal: z.string(),
});
export type AuditHead = z.infer<typeof auditHeadSchema>;

/** An {@link AuditHead} countersigned. Tenant, ledger and index repeat what the payload says, to find it by. */
export interface SignedAuditHead {
  tenantId: string;
  ledger: number;
  index: number;
  /** JSON text of an {@link AuditHead}; the signature covers its UTF-8 bytes. */
  payload: string;
  keyId: string;
  /** Ed25519, base64url without padding. */
  signature: string;
}

const sha256 = (text: string): string => digest("sha256", text, "hex");

const isPlain = (member: unknown): boolean =>
  typeof member !== "object" || member === null || (Array.isArray(member) && member.every(isPlain));

const isSorted = (keys: readonly string[]): boolean =>
  keys.every((key, index) => index === 0 || (keys[index - 1] ?? "") < key);

/**
 * Canonical JSON (RFC 8785). It is what JSON.stringify writes, at a fraction of the cost, of a record's part as the agent
 * makes it: no objects inside, members in the order of their names. The library does the rest, lone surrogates included.
 */
function canonicalJson(value: object): string {
  if (!isSorted(Object.keys(value)) || !Object.values(value).every(isPlain)) return canonicalize(value) ?? "";
  const text = JSON.stringify(value);
  return text.includes("\\ud") ? (canonicalize(value) ?? "") : text;
}

/** SHA-256 of a value's canonical JSON (RFC 8785), hex. */
export function auditHash(value: object): string {
  return sha256(canonicalJson(value));
}

/** SHA-256 of a head's payload, as the next one names it. */
export function auditHeadHash(payload: string): string {
  return sha256(payload);
}

/** The hash of a link, from the rest of it. */
export function auditLinkHash(link: AuditLink): string {
  const { hash: _, ...rest } = link;
  return auditHash({ version: 1, ...rest });
}

/** The end of a chain: what the next record is appended to. */
export interface AuditChainEnd {
  runId: string;
  chainId: string;
  /** 0 before the first record. */
  sequence: number;
  /** Empty before the first record. */
  hash: string;
}

/** The next record of a chain. Pure: the same parts at the same place give the same record. */
export function appendAudit(
  end: AuditChainEnd,
  parts: { compliance: AuditCompliance; technical: AuditTechnical },
): AuditRecord {
  const { compliance, technical } = parts;
  const rest = {
    chainId: end.chainId,
    complianceHash: auditHash(compliance),
    previous: end.hash,
    runId: end.runId,
    sequence: end.sequence + 1,
    technicalHash: auditHash(technical),
  };
  return {
    version: 1,
    link: { ...rest, hash: auditHash({ ...rest, version: 1 }) },
    compliance,
    technical,
  };
}

/** What is wrong inside one record: which of its parts is not what its link says; empty when all is well. */
export function auditRecordFaults({ link, compliance, technical }: AuditRecord): string[] {
  const faults: string[] = [];
  if (auditHash(compliance) !== link.complianceHash) faults.push("the compliance part");
  if (auditHash(technical) !== link.technicalHash) faults.push("the technical part");
  if (auditLinkHash(link) !== link.hash) faults.push("the link");
  return faults;
}
