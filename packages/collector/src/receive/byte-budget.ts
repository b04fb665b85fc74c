import { RetryableError } from "@plumbline/contracts";

/** One request's share of the memory for bodies. */
export interface ByteLease {
  /** @throws RetryableError `BUSY` when all requests together hold too much */
  take(bytes: number): void;
  release(): void;
}

/** Bounds what all bodies in work hold together. */
export interface ByteBudget {
  open(): ByteLease;
}

export function createByteBudget(maxBytes: number): ByteBudget {
  let usedBytes = 0;
  return {
    open() {
      let held = 0;
      return {
        take(bytes) {
          if (usedBytes + bytes > maxBytes) {
            throw new RetryableError("The collector holds as many requests as it may.", {
              code: "BUSY",
              mend: "Send again later.",
              retryAfterMs: 1000,
            });
          }
          usedBytes += bytes;
          held += bytes;
        },
        release() {
          usedBytes -= held;
          held = 0;
        },
      };
    },
  };
}
