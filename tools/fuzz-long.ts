import { createSeededRandom } from "@plumbline/contracts/testing";
import { captureSamples, fuzzTelemetry } from "./fuzz-telemetry.ts";

/*
 * The long run of the fuzz test: `node --conditions=@plumbline/source tools/fuzz-long.ts [bodies] [seed]`.
 * Prints progress every 10,000 bodies; ends with an error at the first body that is neither read nor refused.
 */

const chunk = 10_000;
const bodies = Number(process.argv[2] ?? 10_000_000);
const seed = Number(process.argv[3] ?? 1);
const samples = captureSamples();

for (let done = 0; done < bodies; done += chunk) {
  const { read, refused } = fuzzTelemetry(
    samples,
    createSeededRandom(seed + done),
    Math.min(chunk, bodies - done),
  );
  const residentMiB = Math.round(process.memoryUsage().rss / 1024 / 1024);
  process.stdout.write(
    `${String(done + chunk)} bodies, last ${String(read)} read, ${String(refused)} refused, ${String(residentMiB)} MiB\n`,
  );
}
