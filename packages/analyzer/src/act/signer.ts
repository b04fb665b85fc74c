import { type KeyObject, createPublicKey, sign } from "node:crypto";
import {
  type AuditHead,
  type Directive,
  type SignedAuditHead,
  type SignedDirective,
  type TrustedKeys,
  derivedId,
} from "@plumbline/contracts";

/** Signs directives and audit heads, which no one can take for each other. Only the folding analyzer holds one. */
export interface DirectiveSigner {
  sign(directive: Directive): SignedDirective;
  signAuditHead(this: void, head: AuditHead): SignedAuditHead;
  /** What agents are to trust. */
  trustedKeys(): TrustedKeys;
}

/** Id of a public key: the same key has the same id everywhere. */
export function keyIdOf(publicKeyPem: string): string {
  return derivedId("key", [publicKeyPem.trim()]);
}

/** @param privateKey an Ed25519 private key; Ed25519 is deterministic, so two owners sign identical bytes */
export function createDirectiveSigner(privateKey: KeyObject): DirectiveSigner {
  const publicKeyPem = createPublicKey(privateKey).export({ type: "spki", format: "pem" }).toString();
  const keyId = keyIdOf(publicKeyPem);
  const signatureOf = (payload: string): string =>
    sign(null, Buffer.from(payload, "utf8"), privateKey).toString("base64url");
  return {
    sign(directive) {
      const payload = JSON.stringify(directive);
      return { payload, keyId, algorithm: "Ed25519", signature: signatureOf(payload) };
    },
    signAuditHead(head) {
      const payload = JSON.stringify(head);
      const { tenantId, ledger, index } = head;
      return { tenantId, ledger, index, payload, keyId, signature: signatureOf(payload) };
    },
    trustedKeys: () => ({ version: 1, keys: [{ keyId, publicKeyPem }] }),
  };
}
