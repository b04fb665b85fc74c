import { createSeededRandom } from "@plumbline/contracts/testing";
import { expect, test } from "vitest";
import { captureSamples, fuzzTelemetry } from "../../tools/fuzz-telemetry.ts";

test("damaged telemetry is read or refused, and never more than that", () => {
  const { read, refused } = fuzzTelemetry(captureSamples(), createSeededRandom(7), 1_500);
  expect(read + refused).toBe(1_500);
  expect(read).toBeGreaterThan(100);
});
