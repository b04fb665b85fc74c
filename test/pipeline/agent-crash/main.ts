import {
  type ApprovalSettings,
  type CheckpointStore,
  configurePlumbline,
  createSqliteCheckpointStore,
  type Run,
  RunPausedError,
  shutdown,
  supervise,
} from "@plumbline/instrumentation";
import { isPlumblineError } from "@plumbline/contracts";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import type { CrashAgentLine, CrashAgentOptions, CrashPoint } from "./crash-points.ts";

/**
 * An agent that pays and mails order after order, and kills itself at a chosen point. Started again, it resumes: what it
 * knows of its last life is in the checkpoints alone.
 */
const options = JSON.parse(process.argv[2] ?? "{}") as CrashAgentOptions;
let passings = 0;

const print = (line: CrashAgentLine): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

function pass(point: CrashPoint): void {
  if (options.crash?.at !== point) return;
  passings += 1;
  if (passings === options.crash.passing) process.kill(process.pid, "SIGKILL");
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch {
    return false;
  }
}

const pointAfter: Record<string, CrashPoint> = {
  "action-started": "checkpoint-written",
  "action-done": "checkpoint-cleared",
  "approval-asked": "approval-asked",
  "approval-settled": "approval-answered",
  saved: "state-saved",
  stopped: "paused",
};

/** The SQLite store, which dies right after an entry has become durable. */
function fatalStore(): CheckpointStore {
  const owner = { processId: process.pid, instanceId: randomUUID(), isAlive };
  const store = createSqliteCheckpointStore(join(options.dataDirectory, "checkpoints.sqlite"), owner);
  return {
    append: async (run, entry) => {
      await store.append(run, entry);
      const point = pointAfter[entry.transition.change.kind];
      if (point !== undefined) pass(point);
    },
    load: (run) => store.load(run),
    claim: (run) => store.claim(run),
    list: (tenantId) => store.list(tenantId),
    close: () => store.close(),
  };
}

async function act(path: string, order: number, idempotencyKey: string): Promise<string> {
  const headers = { "content-type": "application/json", "idempotency-key": idempotencyKey };
  const asked = fetch(options.service + path, { method: "POST", headers, body: JSON.stringify({ order }) });
  pass("action-started");
  const response = await asked;
  const text = await response.text();
  pass("action-done");
  return text;
}

const approvals: Partial<ApprovalSettings> = {
  from: "high",
  decide({ approvalId, expiresAtMs, wasInFlight, toolName }) {
    print({ type: "asked", approvalId, expiresAtMs, wasInFlight });
    // Whoever looks after the mails knows that a second one does no harm.
    return { decision: "approved", by: `keeper of ${toolName}` };
  },
};

function addTools(run: Run): void {
  const parameters = z.object({ order: z.number() });
  run.tool({
    name: "pay",
    parameters,
    risk: "high",
    onInFlight: "retry",
    execute: ({ order }, { idempotencyKey }) => act("/pay", order, idempotencyKey),
  });
  run.tool({
    name: "mail",
    parameters,
    risk: "low",
    onInFlight: "skip",
    execute: ({ order }, { idempotencyKey }) => act("/mail", order, idempotencyKey),
  });
}

async function work(run: Run): Promise<void> {
  const { next, answers } = (run.state ?? { next: 0, answers: [] }) as { next: number; answers: string[] };
  const inFlight = run.inFlight();
  if (inFlight.length > 0) print({ type: "in-flight", tools: inFlight.map(({ toolName }) => toolName) });
  addTools(run);
  for (const { toolName, result } of await run.settleInFlight()) print({ type: "settled", toolName, result });
  const call = (name: string, order: number) => ({
    id: `${name}-${String(order)}`,
    function: { name, arguments: JSON.stringify({ order }) },
  });
  for (let order = next; order < options.orders; order += 1) {
    const [paid] = await run.execute([call("pay", order)]);
    const [mailed] = await run.execute([call("mail", order)]);
    answers.push(paid?.content ?? "", mailed?.content ?? "");
    await run.checkpoint({ next: order + 1, answers }, `order ${String(order)}`);
  }
  print({ type: "done", answers });
}

/** Goes on with the run, or starts it when there is none; one that is complete needs nothing any more. */
async function resumeOrStart(): Promise<void> {
  const common = { name: "crash-agent", approvals };
  const { runId } = options;
  try {
    await supervise({ ...common, resume: runId }, work);
  } catch (thrown) {
    if (!isPlumblineError(thrown)) throw thrown;
    if (thrown.code === "RUN_COMPLETED") return;
    if (thrown.code !== "RUN_UNKNOWN") throw thrown;
    await supervise({ ...common, runId }, work);
  }
}

configurePlumbline({
  dataDirectory: options.dataDirectory,
  endpoint: options.server === "off" ? "http://127.0.0.1:1" : options.server,
  ...(options.server === "off" ? { controlEndpoint: "off" as const } : { trustedKeys: options.trustedKeys }),
  checkpointStore: fatalStore(),
  checkpoints: "required",
  onPause: "exit",
});
try {
  await resumeOrStart();
} catch (thrown) {
  if (!(thrown instanceof RunPausedError)) throw thrown;
  print({ type: "paused" });
}
await shutdown(500);
