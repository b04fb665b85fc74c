import fc from "fast-check";
import { expect, test } from "vitest";
import { clampUnixNano, msOfUnixNano, timeText, unixNanoOfMs, unixNanoOfText } from "./times.ts";

test("a time is written in UTC with nine digits", () => {
  expect(timeText(1_750_000_000_123_456_789n)).toBe("2025-06-15T15:06:40.123456789Z");
});

test("every storable time comes back from its text", () => {
  fc.assert(
    fc.property(fc.bigInt(), (given) => {
      const { unixNano, altered } = clampUnixNano(given);
      expect(unixNanoOfText(timeText(unixNano))).toBe(unixNano);
      expect(altered).toBe(unixNano !== given);
    }),
  );
});

test("milliseconds of this century come back to the same double", () => {
  fc.assert(
    fc.property(fc.double({ min: 1e12, max: 4e12, noNaN: true }), (timeMs) => {
      expect(msOfUnixNano(unixNanoOfMs(timeMs).unixNano)).toBe(timeMs);
    }),
  );
});

test.each([Number.NaN, Infinity, -Infinity, -1, 1e300, Date.UTC(1600, 0), Date.UTC(2500, 0)])(
  "%d milliseconds are moved into the range and say so",
  (timeMs) => {
    const { unixNano, altered } = unixNanoOfMs(timeMs);
    expect(altered).toBe(true);
    expect(timeText(unixNano)).toMatch(/^(1970-01-01T00:00:00.000000000Z|2099-12-31T23:59:59.999999999Z)$/);
  },
);
