import { createSeededRandom } from "@plumbline/contracts/testing";
import { describe, expect, it } from "vitest";
import { backoffMs } from "./backoff.ts";
import { retryAfterMs } from "./http-request.ts";

describe("Retry-After", () => {
  it("is read as seconds or as a date, and never negative", () => {
    const nowMs = Date.parse("2026-01-01T00:00:00Z");
    expect(retryAfterMs("2", nowMs)).toBe(2000);
    expect(retryAfterMs("Thu, 01 Jan 2026 00:00:05 GMT", nowMs)).toBe(5000);
    expect(retryAfterMs("Thu, 01 Jan 2025 00:00:05 GMT", nowMs)).toBe(0);
    expect(retryAfterMs("soon", nowMs)).toBeUndefined();
    expect(retryAfterMs(undefined, nowMs)).toBeUndefined();
  });
});

describe("the back-off", () => {
  it("doubles up to its longest, with half of it random", () => {
    const random = createSeededRandom(1);
    const limits = { firstMs: 100, longestMs: 1000 };
    for (const [failures, fullMs] of [
      [1, 100],
      [2, 200],
      [4, 800],
      [5, 1000],
      [500, 1000],
    ] as const) {
      const delayMs = backoffMs(failures, limits, random);
      expect(delayMs).toBeGreaterThanOrEqual(fullMs / 2);
      expect(delayMs).toBeLessThanOrEqual(fullMs);
    }
  });
});
