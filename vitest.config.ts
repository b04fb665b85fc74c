import { defineConfig } from "vitest/config";

// Every tier runs from source: the private export condition points at src/, so no build is needed.
const conditions = ["@plumbline/source", "node", "import", "module", "default"];

const tier = (name: string, include: string[], testTimeout: number) => ({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    name,
    include,
    exclude: ["**/node_modules/**", "**/dist/**"],
    pool: "forks" as const,
    execArgv: ["--conditions=@plumbline/source", "--disable-warning=ExperimentalWarning"],
    testTimeout,
    hookTimeout: testTimeout * 2,
    passWithNoTests: true,
  },
});

const report = process.env["PLUMBLINE_TEST_REPORT"];

export default defineConfig({
  test: {
    // CI sums the tests of its runs from JSON reports.
    reporters: report === undefined ? ["default"] : ["default", ["json", { outputFile: report }]],
    passWithNoTests: true,
    projects: [
      tier("unit", ["packages/**/src/**/*.test.ts", "tools/**/*.test.ts"], 5_000),
      tier("pipeline", ["test/pipeline/**/*.pipeline.test.ts"], 30_000),
      tier("services", ["test/services/**/*.services.test.ts"], 120_000),
    ],
  },
});
