import { createHash } from "node:crypto";

/** Key for log records without a trace: spreads over partitions, and a repeated request arrives where it did before. */
export function contentKey(value: Uint8Array): string {
  return createHash("sha256").update(value).digest("hex").slice(0, 32);
}
