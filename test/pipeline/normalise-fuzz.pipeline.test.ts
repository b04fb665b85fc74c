import { createSeededRandom } from "@plumbline/contracts/testing";
import { expect, test } from "vitest";
import { captureSamples } from "../../tools/fuzz/capture-samples.ts";
import { fuzzTelemetry } from "../../tools/fuzz/fuzz-telemetry.ts";

test("damaged telemetry is read or refused, and never more than that", () => {
  const { read, refused, runs } = fuzzTelemetry(captureSamples(), createSeededRandom(7), 5_000);
  expect(read + refused).toBe(5_000);
  expect(read).toBeGreaterThan(1_000);
  expect(runs).toBeGreaterThan(500);
});
