import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import {
  appendAudit,
  type AuditChainEnd,
  type AuditCompliance,
  type AuditHead,
  auditHeadHash,
  type AuditLink,
  type AuditRecord,
  type AuditTechnical,
  type SignedAuditHead,
  type StoredCompliance,
  type StoredTechnical,
} from "../audit.ts";
import type { TrustedKeys } from "../control-protocol.ts";

/** An audit trail as the three tables hold it. */
export interface AuditTables {
  compliance: StoredCompliance[];
  technical: StoredTechnical[];
  heads: SignedAuditHead[];
}

export interface AuditKey {
  keyId: string;
  privateKey: KeyObject;
  trusted: TrustedKeys["keys"];
}

export function auditKey(keyId = "key-test"): AuditKey {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const publicKeyPem = publicKey.export({ type: "spki", format: "pem" }).toString();
  return { keyId, privateKey, trusted: [{ keyId, publicKeyPem }] };
}

const noonMs = 1_749_988_800_000;

/** Parts of a tool call; `n` tells them apart. */
export function auditParts(
  n: number,
  overrides: { compliance?: Partial<AuditCompliance>; technical?: Partial<AuditTechnical> } = {},
): { compliance: AuditCompliance; technical: AuditTechnical } {
  return {
    compliance: {
      agentName: "refunds",
      stepId: `trace.step${String(n)}`,
      toolName: "refund",
      action: "Pays an order back",
      risk: "high",
      reversible: false,
      dataAccessed: ["orders"],
      dataModified: ["payments"],
      authorisedBy: "user:ana",
      outcome: "succeeded",
      errorType: null,
      startedAtMs: noonMs + n * 1000,
      endedAtMs: noonMs + n * 1000 + 250,
      ...overrides.compliance,
    },
    technical: {
      salt: `salt-of-the-record-${String(n)}`,
      callId: `call-${String(n)}`,
      idempotencyKey: `i-${String(n)}`,
      input: `{"order":${String(n)}}`,
      output: `refunded ${String(n)}`,
      error: null,
      performedAtMs: noonMs + n * 1000 + 1,
      durationMs: 250,
      ...overrides.technical,
    },
  };
}

/** The records of one chain. */
export function auditChain(runId: string, chainId: string, records: number): AuditRecord[] {
  let end: AuditChainEnd = { runId, chainId, sequence: 0, hash: "" };
  return Array.from({ length: records }, (_, index) => {
    const technical = { salt: `salt-of-${chainId}-${String(index + 1)}` };
    const compliance = { stepId: `${chainId}.${String(index + 1)}` };
    const record = appendAudit(end, auditParts(index + 1, { compliance, technical }));
    end = record.link;
    return record;
  });
}

/** A head as whoever has the key would sign it. */
export function signedAuditHead(key: AuditKey, head: AuditHead): SignedAuditHead {
  const payload = JSON.stringify(head);
  const signature = sign(null, Buffer.from(payload, "utf8"), key.privateKey).toString("base64url");
  const { tenantId, ledger, index } = head;
  return { tenantId, ledger, index, payload, keyId: key.keyId, signature };
}

/** One ledger over the links, in the order in which they came. */
export function signedAuditLedger(key: AuditKey, links: readonly AuditLink[], ledger = 0): SignedAuditHead[] {
  let previous = "";
  return links.map(({ runId, chainId, sequence, hash }, position) => {
    const head = signedAuditHead(key, {
      version: 1,
      type: "audit-head",
      tenantId: "",
      ledger,
      index: position + 1,
      previous,
      runId,
      chainId,
      sequence,
      hash,
      principal: "",
    });
    previous = auditHeadHash(head.payload);
    return head;
  });
}

/** Tables of records that were all countersigned. */
export function auditTables(key: AuditKey, records: readonly AuditRecord[], ledger = 0): AuditTables {
  return {
    compliance: records.map(({ link, compliance }) => ({ tenantId: "", link, compliance })),
    technical: records.map(({ link, technical }) => ({ tenantId: "", link, technical })),
    heads: signedAuditLedger(
      key,
      records.map(({ link }) => link),
      ledger,
    ),
  };
}
