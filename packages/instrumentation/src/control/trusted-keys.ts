import { messageOf, trustedKeysFileName, trustedKeysSchema, type TrustedKeys } from "@plumbline/contracts";
import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { debugLog } from "../transport/debug-log.ts";

/** Public keys whose signatures are believed. */
export interface KeyRing {
  /** True when `signature` (base64url) over `payload` was made with the key of that id. */
  holds(keyId: string, payload: string, signature: string): boolean;
  knows(keyId: string): boolean;
}

const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "[::1]" || /^127\.\d+\.\d+\.\d+$/u.test(host);

function toKeyObjects(keys: TrustedKeys["keys"]): Map<string, KeyObject> {
  const objects = new Map<string, KeyObject>();
  for (const { keyId, publicKeyPem } of keys) {
    try {
      objects.set(keyId, createPublicKey(publicKeyPem));
    } catch (thrown) {
      debugLog("public key %s can't be read: %s", keyId, messageOf(thrown));
    }
  }
  return objects;
}

function readKeyFile(dataDirectory: string): TrustedKeys["keys"] {
  try {
    const text = readFileSync(join(dataDirectory, trustedKeysFileName), "utf8");
    return trustedKeysSchema.parse(JSON.parse(text)).keys;
  } catch {
    return [];
  }
}

/**
 * The configured keys. Without any, and only when the gateway is on this machine, those of the data directory, read
 * again when a key id turns up that is not among them: the server may have been set up after the agent started.
 */
export function createKeyRing(options: {
  configured: TrustedKeys["keys"];
  gateway: string;
  dataDirectory: string;
}): KeyRing {
  const mayReadFile = options.configured.length === 0 && isLoopback(new URL(options.gateway).hostname);
  let keys = toKeyObjects(options.configured);

  function find(keyId: string): KeyObject | undefined {
    if (!keys.has(keyId) && mayReadFile) keys = toKeyObjects(readKeyFile(options.dataDirectory));
    return keys.get(keyId);
  }

  return {
    knows: (keyId) => find(keyId) !== undefined,
    holds(keyId, payload, signature) {
      const key = find(keyId);
      if (key === undefined) return false;
      try {
        return verify(null, Buffer.from(payload, "utf8"), key, Buffer.from(signature, "base64url"));
      } catch {
        return false;
      }
    },
  };
}
