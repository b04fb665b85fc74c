import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Random } from "@plumbline/contracts";
import { createSeededRandom } from "@plumbline/contracts/testing";
import {
  type CrashAgentOptions,
  type CrashPoint,
  crashPoints,
} from "../test/pipeline/agent-crash/crash-points.ts";
import { type CountingService, startCountingService } from "../test/pipeline/agent-crash/counting-service.ts";
import { problemsOf } from "../test/pipeline/agent-crash/problems-of.ts";
import { runCrashAgent } from "../test/pipeline/agent-crash/run-crash-agent.ts";
import { startTestServer, type TestServer } from "../test/pipeline/instrumentation-harness.ts";

/*
 * The long run of the agent's crash test: `node --conditions=@plumbline/source tools/crash-matrix.ts [--lives 10]
 * [--kills 500] [--seed 1] [--orders 15] [--seconds 3600]`.
 * Agents are killed with SIGKILL at every point, so many times each, then from outside at random moments, and started
 * again until they are done. Every payment must be made exactly once; a mail, whose service honours no idempotency key, at
 * most once and never silently left out. Ends with exit code 1 otherwise.
 */

/** How an agent comes to its death. */
type Death = { by: "itself"; at: CrashPoint; passing: number } | { by: "others" };

class CrashMatrix {
  readonly figures = { runs: 0, atPoints: 0, atRandom: 0, inFlight: 0, wholeLifeMs: 1500 };
  readonly problems: string[] = [];
  private readonly service: CountingService;
  private readonly server: TestServer;
  private readonly random: Random;
  /** What an agent said in the end. */
  private answers: readonly string[] = [];

  constructor(outside: { service: CountingService; server: TestServer }, random: Random) {
    this.service = outside.service;
    this.server = outside.server;
    this.random = random;
  }

  /** One run at one point: it dies there once and is started again. */
  async atPoint(at: CrashPoint, passing: number): Promise<void> {
    const agent = this.newAgent(2);
    if (at === "paused") this.server.direct(agent.runId, { desired: "paused", reason: "USER_PAUSED" });
    const before = this.figures.atPoints;
    await this.live(agent, { by: "itself", at, passing });
    if (this.figures.atPoints === before) this.problems.push(`${agent.runId} did not die at ${at}`);
    if (at === "paused") this.server.direct(agent.runId, { desired: "running", reason: null });
    await this.live(agent, undefined);
    this.examine(agent);
  }

  /** One run that is killed from outside as often as it takes until it gets through, or until `isOver`. */
  async atRandom(orders: number, isOver: () => boolean): Promise<void> {
    const agent = this.newAgent(orders);
    let isThrough = false;
    while (!isThrough) isThrough = await this.live(agent, isOver() ? undefined : { by: "others" });
    this.examine(agent);
  }

  private newAgent(orders: number): CrashAgentOptions {
    this.figures.runs += 1;
    this.answers = [];
    this.service.effects.length = 0;
    const { url, trustedKeys } = this.server;
    return {
      dataDirectory: mkdtempSync(join(tmpdir(), "plumbline-crash-")),
      runId: `matrix-${String(this.figures.runs)}`,
      service: this.service.url,
      server: url,
      trustedKeys,
      orders,
      crash: null,
    };
  }

  /** True when the life came to its end. */
  private async live(agent: CrashAgentOptions, death: Death | undefined): Promise<boolean> {
    const startedAtMs = performance.now();
    const { figures } = this;
    const requestsBefore = this.service.requests;
    let timer: NodeJS.Timeout | undefined;
    const crash = death?.by === "itself" ? death : null;
    const { signal, exitCode, lines } = await runCrashAgent(
      { ...agent, crash },
      {
        onStart: (processId) => {
          const afterMs = this.random.next() * figures.wholeLifeMs;
          if (death?.by === "others") timer = setTimeout(() => process.kill(processId, "SIGKILL"), afterMs);
        },
      },
    );
    clearTimeout(timer);
    if (lines.some(({ type }) => type === "in-flight")) figures.inFlight += 1;
    // A life can be cut short after its work is done and told.
    const done = lines.findLast((line) => line.type === "done");
    if (done !== undefined) this.answers = done.answers;
    if (signal === "SIGKILL") {
      this.died(death, this.service.requests > requestsBefore);
      return false;
    }
    if (exitCode !== 0) this.problems.push(`${agent.runId} ended with exit code ${String(exitCode)}`);
    figures.wholeLifeMs += (performance.now() - startedAtMs - figures.wholeLifeMs) / 5;
    return true;
  }

  private died(death: Death | undefined, hadWorked: boolean): void {
    const { figures } = this;
    if (death?.by === "itself") {
      figures.atPoints += 1;
      return;
    }
    figures.atRandom += 1;
    // On a slow machine the next one lives longer, or none would ever get to work.
    if (!hadWorked) figures.wholeLifeMs *= 1.1;
  }

  private examine({ runId, orders, dataDirectory }: CrashAgentOptions): void {
    const { answers } = this;
    const found = problemsOf(this.service.effects, { orders, answers });
    this.problems.push(...found.map((problem) => `${runId}: ${problem}`));
    rmSync(dataDirectory, { recursive: true, force: true });
  }
}

const { values } = parseArgs({
  options: {
    lives: { type: "string", default: "10" },
    kills: { type: "string", default: "500" },
    seed: { type: "string", default: "1" },
    orders: { type: "string", default: "15" },
    seconds: { type: "string", default: "3600" },
  },
});
const [lives, kills] = [Number(values.lives), Number(values.kills)];
const service = await startCountingService();
const server = await startTestServer();
const matrix = new CrashMatrix({ service, server }, createSeededRandom(Number(values.seed)));
const { figures, problems } = matrix;
const endMs = performance.now() + Number(values.seconds) * 1000;
const isLate = (): boolean => performance.now() > endMs;
const isOver = (): boolean => figures.atRandom >= kills || isLate();

for (const at of crashPoints) {
  for (let life = 0; life < lives && !isLate(); life += 1)
    await matrix.atPoint(at, at === "paused" ? 1 : 1 + (life % 2));
}
while (!isOver()) await matrix.atRandom(Number(values.orders), isOver);
await Promise.all([service.close(), server.close()]);
process.stdout.write(
  `${String(figures.runs)} runs; ${String(figures.atPoints)} deaths at ${String(crashPoints.length)} points, ` +
    `${String(figures.atRandom)} at random moments; ${String(figures.inFlight)} lives began with an action in flight; ` +
    `${String(problems.length)} problems\n`,
);
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
