import { createSeededRandom } from "@plumbline/contracts/testing";
import { captureSamples } from "./capture-samples.ts";
import { fuzzTelemetry } from "./fuzz-telemetry.ts";

/*
 * The long run of the fuzz test: `node --conditions=@plumbline/source tools/fuzz/fuzz-long.ts [bodies] [seed]`.
 * Prints totals every 10,000 bodies; ends with an error at the first body that is neither read nor refused.
 */

/** Every second body is refused with an error, and nobody reads where that was thrown. */
Error.stackTraceLimit = 0;

const chunk = 10_000;
const bodies = Number(process.argv[2] ?? 10_000_000);
const seed = Number(process.argv[3] ?? 1);
const samples = captureSamples();
const total = { read: 0, refused: 0, runs: 0 };

for (let done = 0; done < bodies; done += chunk) {
  const rounds = Math.min(chunk, bodies - done);
  const { read, refused, runs } = fuzzTelemetry(samples, createSeededRandom(seed + done), rounds);
  total.read += read;
  total.refused += refused;
  total.runs += runs;
  const residentMiB = Math.round(process.memoryUsage().rss / 1024 / 1024);
  process.stdout.write(
    `${String(done + rounds)} bodies: ${String(total.read)} read, ${String(total.refused)} refused, ` +
      `${String(total.runs)} runs; ${String(residentMiB)} MiB\n`,
  );
}
