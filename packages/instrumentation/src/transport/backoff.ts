import type { Random } from "@plumbline/contracts";

export interface BackoffLimits {
  firstMs: number;
  longestMs: number;
}

/** Delay before attempt `failures` + 1: doubled each time, cut at the longest, and half of it random. */
export function backoffMs(failures: number, limits: BackoffLimits, random: Random): number {
  const fullMs = Math.min(limits.longestMs, limits.firstMs * 2 ** Math.min(failures - 1, 20));
  return fullMs / 2 + random.next() * (fullMs / 2);
}
