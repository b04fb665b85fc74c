import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { sourceFlags } from "./test/source-flags.ts";

// Kept from process to process and from run to run: tests start many processes from source.
process.env["NODE_COMPILE_CACHE"] ??= fileURLToPath(new URL(".cache/node-compile", import.meta.url));

// Every tier runs from source: the private export condition points at src/, so no build is needed.
const conditions = ["@plumbline/source", "node", "import", "module", "default"];

interface TierSettings {
  testTimeout: number;
  /** Default: every file has a process of its own. */
  isolate?: boolean;
  /** How many files run at once. Default: one for each core. */
  maxWorkers?: number;
  /** Tiers with different workers run one after the other. */
  sequence?: { groupOrder: number };
}

const tier = (name: string, include: string[], settings: TierSettings) => ({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    name,
    include,
    exclude: ["**/node_modules/**", "**/dist/**"],
    pool: "forks" as const,
    maxWorkers: "100%",
    execArgv: sourceFlags,
    hookTimeout: settings.testTimeout * 2,
    passWithNoTests: true,
    ...settings,
  },
});

const report = process.env["PLUMBLINE_TEST_REPORT"];

export default defineConfig({
  test: {
    // CI sums the tests of its runs from JSON reports.
    reporters: report === undefined ? ["default"] : ["default", ["json", { outputFile: report }]],
    passWithNoTests: true,
    projects: [
      // Unit tests use nothing but memory, so that the files of a worker can share its process.
      tier("unit", ["packages/**/src/**/*.test.ts", "tools/**/*.test.ts"], {
        testTimeout: 5_000,
        isolate: false,
      }),
      tier("pipeline", ["test/pipeline/**/*.pipeline.test.ts"], { testTimeout: 30_000 }),
      // Several of these measure: one file at a time.
      tier("services", ["test/services/**/*.services.test.ts"], {
        testTimeout: 120_000,
        maxWorkers: 1,
        sequence: { groupOrder: 1 },
      }),
    ],
  },
});
