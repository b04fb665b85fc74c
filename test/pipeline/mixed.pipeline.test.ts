import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { describeDeployment, environmentWithout } from "./mixed/deployment-suite.ts";
import { createPlace, runPlumbline } from "./support/plumbline-process.ts";
import { startChdbHttpServer } from "./support/start-chdb-http-server.ts";

describeDeployment("SQLite and a ClickHouse server", {
  without: ["chdb", "kafkajs"],
  start: async (directory) => {
    const server = await startChdbHttpServer(join(directory, "server"));
    return {
      environment: { PLUMBLINE_STORE: server.url.replace("http://", "clickhouse://") },
      dispose: () => server.stop(),
    };
  },
});

describe("a deployment that lacks the package which its settings need", () => {
  it.each([
    ["chdb", {}],
    ["kafkajs", { PLUMBLINE_BUS: "kafka://127.0.0.1:1" }],
  ])("ends with the name of %s and how to get it", async (name, settings) => {
    const directory = mkdtempSync(join(tmpdir(), "plumbline-lacking-"));
    onTestFinished(() => {
      rmSync(directory, { recursive: true, force: true });
    });
    const environment = { ...environmentWithout([name]), ...settings };
    const { code, output } = await runPlumbline(["up"], { ...(await createPlace(directory)), environment });
    expect(output).toContain(`npm install ${name}`);
    expect(code).toBe(1);
  });
});
