import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CrashAgentLine, type CrashAgentOptions, crashPoints } from "./agent-crash/crash-points.ts";
import { type CountingService, startCountingService } from "./agent-crash/counting-service.ts";
import { problemsOf } from "./agent-crash/problems-of.ts";
import { runCrashAgent } from "./agent-crash/run-crash-agent.ts";
import { startTestServer, type TestServer } from "./instrumentation-harness.ts";

/** Lives per crash point: few in the everyday tier, more with PLUMBLINE_CRASHES. */
const lives = Number(process.env["PLUMBLINE_CRASHES"] ?? 1);
const orders = 2;
/** Each order is a payment and a mail: the points between which an action is in flight are passed twice as often. */
const actions = 2 * orders;
const timeoutMs = 30_000 + lives * 20_000;

let server: TestServer;
let service: CountingService;
const directories: string[] = [];

beforeAll(async () => {
  server = await startTestServer();
  service = await startCountingService();
});
afterAll(async () => {
  await service.close();
  await server.close();
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

function newAgent(runId: string): CrashAgentOptions {
  const dataDirectory = mkdtempSync(join(tmpdir(), "plumbline-crash-"));
  directories.push(dataDirectory);
  const { url, trustedKeys } = server;
  return { dataDirectory, runId, service: service.url, server: url, trustedKeys, orders, crash: null };
}

const linesOf = <Type extends CrashAgentLine["type"]>(lines: readonly CrashAgentLine[], type: Type) =>
  lines.filter((line): line is Extract<CrashAgentLine, { type: Type }> => line.type === type);

const perAction: readonly string[] = [
  "checkpoint-written",
  "action-started",
  "action-done",
  "checkpoint-cleared",
];
const cases = crashPoints
  .filter((point) => point !== "paused")
  .flatMap((at) => Array.from({ length: lives }, (_, life) => [at, life] as const));

describe("an agent that is killed", () => {
  it.each(cases)(
    "at %s (%i) and started again pays every order once and leaves no mail in doubt unreported",
    async (at, life) => {
      const first = service.effects.length;
      // The passings of a point by turns: with the first action, with the second, and so on.
      const passing = 1 + (life % (perAction.includes(at) ? actions : orders));
      const agent = newAgent(`crash-${at}-${String(life)}`);
      const died = await runCrashAgent({ ...agent, crash: { at, passing } });
      expect(died.signal).toBe("SIGKILL");
      const ended = await runCrashAgent(agent);
      expect(ended).toMatchObject({ signal: null, exitCode: 0 });
      const [done] = linesOf(ended.lines, "done");
      expect(done?.answers).toHaveLength(2 * orders);

      const effects = service.effects.slice(first);
      expect(problemsOf(effects, { orders, answers: done?.answers ?? [] })).toEqual([]);
      // What was in flight is told, and what became of it: the payment is repeated under its key, the mail left alone.
      const inFlight = linesOf(ended.lines, "in-flight").flatMap(({ tools }) => tools);
      const settled = linesOf(ended.lines, "settled");
      expect(settled.map(({ toolName }) => toolName)).toEqual(inFlight);
      for (const { toolName, result } of settled)
        expect(result.includes("OUTCOME_UNKNOWN")).toBe(toolName === "mail");
      const mustBeInFlight = ["checkpoint-written", "action-started", "action-done"].includes(at);
      expect(inFlight.length > 0).toBe(mustBeInFlight);

      const asked = [...linesOf(died.lines, "asked"), ...linesOf(ended.lines, "asked")];
      const deadlines = new Map(asked.map(({ approvalId, expiresAtMs }) => [approvalId, expiresAtMs]));
      expect(deadlines.size).toBe(orders);
      for (const { approvalId, expiresAtMs } of asked) expect(deadlines.get(approvalId)).toBe(expiresAtMs);
      expect(
        new Set(
          server.eventsOf("plumbline.approval.request", agent.runId).map(({ request }) => request.approvalId),
        ).size,
      ).toBe(orders);
    },
    timeoutMs,
  );

  it(
    "right after its pause was written down goes on once a person resumes it",
    async () => {
      for (let life = 0; life < lives; life += 1) {
        const first = service.effects.length;
        const agent = newAgent(`crash-paused-${String(life)}`);
        server.direct(agent.runId, { desired: "paused", reason: "USER_PAUSED", message: "wait" });
        const died = await runCrashAgent({ ...agent, crash: { at: "paused", passing: 1 } });
        expect(died.signal).toBe("SIGKILL");
        const waiting = await runCrashAgent(agent);
        expect(linesOf(waiting.lines, "paused")).toHaveLength(1);
        server.direct(agent.runId, { desired: "running", reason: null });
        const ended = await runCrashAgent(agent);
        const answers = linesOf(ended.lines, "done")[0]?.answers ?? [];
        expect(problemsOf(service.effects.slice(first), { orders, answers })).toEqual([]);
      }
    },
    timeoutMs,
  );
});
