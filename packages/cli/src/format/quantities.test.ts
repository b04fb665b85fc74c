import { describe, expect, it } from "vitest";
import { formatDuration, formatUsd, sparkline } from "./quantities.ts";

describe("quantities", () => {
  it.each([
    [340, "340 ms"],
    [2_100, "2.1 s"],
    [252_000, "4m12s"],
    [11_100_000, "3h05m"],
    [187_200_000, "2d04h"],
    [-5, "0 ms"],
  ])("%d ms is written %s", (durationMs, text) => {
    expect(formatDuration(durationMs)).toBe(text);
  });

  it.each([
    [0, "$0.00"],
    [3_100, "$0.0031"],
    [3_180_000, "$3.18"],
    [1_204_500_000, "$1,204.50"],
  ])("%d millionths of a dollar are written %s", (microUsd, text) => {
    expect(formatUsd(microUsd)).toBe(text);
  });

  it("draw a line no wider than asked", () => {
    expect(
      sparkline(
        Array.from({ length: 100 }, (_unused, index) => index / 99),
        24,
      ).length,
    ).toBeLessThanOrEqual(24);
    expect(sparkline([0, 0.5, 1], 24)).toBe("▁▅█");
  });
});
