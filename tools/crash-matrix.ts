import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createSeededRandom } from "@plumbline/contracts/testing";
import type { CrashAgentOptions } from "../test/pipeline/agent-crash/crash-points.ts";
import { startCountingService } from "../test/pipeline/agent-crash/counting-service.ts";
import { problemsOf } from "../test/pipeline/agent-crash/problems-of.ts";
import { runCrashAgent } from "../test/pipeline/agent-crash/run-crash-agent.ts";

/**
 * Kills agents from outside at random moments and starts them again until they are done, over and over:
 * `npx node --conditions=@plumbline/source tools/crash-matrix.ts --kills 500 --seed 1`. Every payment must be made exactly
 * once; a mail, whose service honours no idempotency key, at most once and never silently left out. Exit code 1 otherwise.
 */
const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "500" },
    seed: { type: "string", default: "1" },
    orders: { type: "string", default: "15" },
    /** Begins no run after that, however many kills are left. */
    seconds: { type: "string", default: "3600" },
  },
});
const [wanted, seed, orders] = [Number(values.kills), Number(values.seed), Number(values.orders)];
const endMs = performance.now() + Number(values.seconds) * 1000;
const isOver = (): boolean => figures.kills >= wanted || performance.now() > endMs;
const random = createSeededRandom(seed);
const service = await startCountingService();
const figures = { runs: 0, kills: 0, inFlight: 0, wholeLifeMs: 1500 };
const problems: string[] = [];
/** What the agents said in the end, by run. */
const told = new Map<string, readonly string[]>();

/** One life, cut short at a random moment of what a whole life takes, or left alone; true when it came to its end. */
async function live(agent: CrashAgentOptions, mayDie: boolean): Promise<boolean> {
  const startedAtMs = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const { signal, exitCode, lines } = await runCrashAgent(agent, {
    onStart(processId) {
      if (mayDie)
        timer = setTimeout(() => process.kill(processId, "SIGKILL"), random.next() * figures.wholeLifeMs);
    },
  });
  clearTimeout(timer);
  if (lines.some(({ type }) => type === "in-flight")) figures.inFlight += 1;
  // A life can be cut short after its work is done and told.
  const done = lines.findLast((line) => line.type === "done");
  if (done !== undefined) told.set(agent.runId, done.answers);
  if (signal === "SIGKILL") {
    figures.kills += 1;
    return false;
  }
  if (exitCode !== 0) problems.push(`${agent.runId} ended with exit code ${String(exitCode)}`);
  figures.wholeLifeMs = Math.max(figures.wholeLifeMs, performance.now() - startedAtMs);
  return true;
}

async function runToItsEnd(number: number): Promise<void> {
  const first = service.effects.length;
  const dataDirectory = mkdtempSync(join(tmpdir(), "plumbline-crash-"));
  const runId = `matrix-${String(seed)}-${String(number)}`;
  const place = { dataDirectory, service: service.url, server: "off", trustedKeys: [] };
  const agent: CrashAgentOptions = { ...place, runId, orders, crash: null };
  let isDone = false;
  while (!isDone) isDone = await live(agent, !isOver());
  const answers = told.get(runId) ?? [];
  const found = problemsOf(service.effects.slice(first), { orders, answers });
  problems.push(...found.map((problem) => `${runId}: ${problem}`));
  figures.runs += 1;
  rmSync(dataDirectory, { recursive: true, force: true });
}

for (let number = 0; !isOver(); number += 1) await runToItsEnd(number);
await service.close();
const { kills, runs, inFlight } = figures;
process.stdout.write(
  `${String(kills)} kills in ${String(runs)} runs of ${String(orders)} orders; ` +
    `${String(service.effects.length)} effects of ${String(service.requests)} requests; ` +
    `${String(inFlight)} lives began with an action in flight; ${String(problems.length)} problems\n`,
);
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
