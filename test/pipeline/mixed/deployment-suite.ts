import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stuckRun } from "../support/agent-telemetry.ts";
import { createPlace, runPlumbline, type PlumblinePlace } from "../support/plumbline-process.ts";
import { arrival, UpProcess } from "../support/up-process.ts";

/** A bus and a store that `plumbline up` runs on. */
export interface Deployment {
  /** What `plumbline up` is told of them. */
  environment: Readonly<Record<string, string>>;
  dispose(): Promise<void>;
}

export interface DeploymentOptions {
  /** Packages that it has no use for; it runs where they are not installed. */
  without: readonly string[];
  /** Starts what is not `plumbline up` itself. */
  start(directory: string): Promise<Deployment>;
}

const hook = fileURLToPath(new URL("without-packages.ts", import.meta.url));

/** Environment of a process that can't import some packages. */
export function environmentWithout(packages: readonly string[]): Record<string, string> {
  return { NODE_OPTIONS: `--import=${hook}`, PLUMBLINE_TEST_WITHOUT: packages.join(",") };
}

const toolSpan = (index: number) => ({
  traceId: "c0ffee".padStart(32, "0"),
  spanId: (200 + index).toString(16).padStart(16, "0"),
  parentSpanId: "",
  name: "execute_tool read_page",
  kind: 1,
  startTimeUnixNano: String(1_790_000_000_000_000_000n + BigInt(index) * 1_000_000_000n),
  endTimeUnixNano: String(1_790_000_000_500_000_000n + BigInt(index) * 1_000_000_000n),
  attributes: Object.entries({
    "gen_ai.operation.name": "execute_tool",
    "gen_ai.agent.name": "reader",
    "gen_ai.tool.name": "read_page",
    "gen_ai.tool.call.arguments": JSON.stringify({ page: index }),
    "gen_ai.tool.call.result": JSON.stringify({ text: `page ${String(index)}` }),
  }).map(([key, stringValue]) => ({ key, value: { stringValue } })),
});

function describeUp(started: () => UpProcess): void {
  it("takes in what any OTLP client posts, and has every record in the tables once", async () => {
    const up = started();
    const spans = Array.from({ length: 5 }, (_unused, index) => toolSpan(index));
    const resourceSpans = [
      { resource: { attributes: [] }, scopeSpans: [{ scope: { name: "curl" }, spans }] },
    ];
    expect(await up.post("/v1/traces", { resourceSpans })).toBe(200);
    for (const { value } of stuckRun("stuck", 8, Date.now()))
      expect(await up.post("/v1/logs", value)).toBe(200);

    await expect
      .poll(() => up.count("SELECT count() AS N FROM otel_logs WHERE RunId = 'stuck'"), arrival)
      .toBe(17);
    const ofReader = "SELECT count() AS N FROM steps FINAL WHERE Name = 'read_page' AND NOT Retracted";
    await expect.poll(() => up.count(ofReader), arrival).toBe(5);
    expect(await up.count("SELECT count() AS N FROM otel_traces WHERE SpanName LIKE 'execute_tool%'")).toBe(
      5,
    );
  });

  it("pauses a run that makes no progress, for the loop that it found", async () => {
    const up = started();
    expect(await up.directive("stuck", "paused")).toMatchObject({ reason: "LOOP_DETECTED" });
    const findings = "SELECT count() AS N FROM findings FINAL WHERE RunId = 'stuck' AND Kind = 'exact-loop'";
    await expect.poll(() => up.count(findings), arrival).toBe(1);
  });

  it("carries a person's resume, pause and kill, each with a higher generation, and keeps them over a kill -9", async () => {
    const up = started();
    const generations = [(await up.directive("stuck", "paused")).generation];
    await up.client.command("stuck", { verb: "resume", say: null, limits: null, message: "go on" });
    generations.push((await up.directive("stuck", "running")).generation);
    await up.client.command("stuck", { verb: "pause", message: "wait" });
    generations.push((await up.directive("stuck", "paused")).generation);
    await up.client.command("stuck", { verb: "kill", message: "enough" });
    const killed = await up.directive("stuck", "killed");
    generations.push(killed.generation);
    expect(generations).toEqual([...new Set(generations)].toSorted((a, b) => a - b));

    await up.killAndRestart();
    expect(await up.directive("stuck", "killed")).toEqual(killed);
    await expect
      .poll(() => up.count("SELECT count() AS N FROM otel_logs WHERE RunId = 'stuck'"), arrival)
      .toBe(17);
    await expect
      .poll(() => up.count("SELECT count() AS N FROM commands FINAL WHERE RunId = 'stuck'"), arrival)
      .toBe(4);
  });
}

/** `plumbline up` and the demo on a bus and a store of the caller's choice. */
export function describeDeployment(name: string, options: DeploymentOptions): void {
  describe(`${name}: plumbline up`, () => {
    let directory: string;
    let deployment: Deployment;
    let up: UpProcess | undefined;

    const placeOf = async (folder: string): Promise<PlumblinePlace> => ({
      ...(await createPlace(join(directory, folder))),
      environment: { ...environmentWithout(options.without), ...deployment.environment },
    });

    beforeAll(async () => {
      directory = mkdtempSync(join(tmpdir(), "plumbline-mixed-"));
      deployment = await options.start(directory);
      up = await UpProcess.start(await placeOf("up"));
    }, 120_000);

    afterAll(async () => {
      await up?.stop();
      await deployment.dispose();
      rmSync(directory, { recursive: true, force: true });
    });

    describeUp(() => {
      if (up === undefined) throw new Error("It is not up.");
      return up;
    });

    it("runs the demo, with every agent as expected", { timeout: 120_000 }, async () => {
      await up?.stop();
      up = undefined;
      const { code, output } = await runPlumbline(["demo", "--once", "--seed", "5"], await placeOf("demo"));
      expect(output).toContain("8 of 8 agents ended as expected.");
      expect(code).toBe(0);
    });
  });
}
