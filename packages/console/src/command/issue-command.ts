import type { Bus } from "@plumbline/bus";
import {
  type Approval,
  type Caller,
  type Clock,
  type CommandAccepted,
  type CommandRequest,
  type IdSource,
  RejectedError,
  RetryableError,
  hurry,
  runKey,
  topic,
} from "@plumbline/contracts";
import type { RunQueries } from "@plumbline/store";
import type { KnownRuns } from "../resolve/known-runs.ts";
import type { CommandTarget } from "../resolve/resolve-target.ts";
import { commandOf } from "./command-of.ts";

export interface CommandDesk {
  bus: Bus;
  clock: Clock;
  ids: IdSource;
  queries: RunQueries;
  knownRuns: KnownRuns;
}

function refuseKilled({ runId }: CommandTarget): RejectedError {
  return new RejectedError(`Run ${runId} was killed, and that is final.`, {
    code: "RUN_KILLED",
    mend: "Start a new run; its steps and findings stay readable.",
  });
}

function refuseSettled({ request: { approvalId }, status, decidedBy }: Approval): RejectedError {
  const by = decidedBy === "" ? "" : ` by ${decidedBy}`;
  return new RejectedError(`Approval ${approvalId} is settled: ${status}${by}.`, {
    code: "APPROVAL_SETTLED",
    mend: "An answer counts once; the run asks anew when it needs another.",
  });
}

function tablesAway(): RetryableError {
  return new RetryableError("The tables can't be read just now, and an answer is bound to what they hold.", {
    code: "STORE_UNAVAILABLE",
    mend: "Ask again when they are back; pause, resume, kill, nudge and limit work meanwhile.",
  });
}

/** An answer can be corrected until the agent has acted on it. */
async function argsHashOf(
  desk: CommandDesk,
  { tenantId, runId, run }: CommandTarget,
  request: CommandRequest,
): Promise<string> {
  if (request.verb !== "approve" && request.verb !== "deny") return "";
  if (run === undefined) throw tablesAway();
  const { approvalId } = request;
  const filter = { tenantId, runId, prefix: approvalId, pendingOnly: false, limit: 1 };
  const [approval] = await desk.queries.findApprovals(filter);
  if (approval?.request.approvalId === approvalId) {
    if (approval.acknowledged || approval.status === "expired") throw refuseSettled(approval);
    return approval.request.argsHash;
  }
  const pending = run.pendingApprovalIds;
  throw new RejectedError(`Run ${runId} asked for no approval "${approvalId}".`, {
    code: "APPROVAL_UNKNOWN",
    mend: pending.length === 0 ? "Nothing waits for approval." : `Waiting: ${pending.join(", ")}.`,
  });
}

/**
 * Publishes what a person asked for and resolves once it is durable.
 * @throws RejectedError `RUN_KILLED`, `APPROVAL_UNKNOWN`, `APPROVAL_SETTLED`; RetryableError while the bus takes nothing,
 *   and for answers to approvals while the tables are away
 */
export async function issueCommand(
  desk: CommandDesk,
  target: CommandTarget,
  asked: { request: CommandRequest; caller: Caller },
): Promise<CommandAccepted> {
  const { request, caller } = asked;
  const { tenantId, runId, run } = target;
  const key = runKey(tenantId, runId);
  const killed = run?.status === "killed" || desk.knownRuns.isKilled(key);
  if (killed && request.verb !== "kill") throw refuseKilled(target);
  const command = commandOf(request, {
    tenantId,
    runId,
    commandId: desk.ids.next(),
    userName: caller.name,
    nowMs: desk.clock.nowMs(),
    argsHash: await argsHashOf(desk, target, request),
  });
  hurry();
  await desk.bus.publish(topic.commands, [{ key, value: Buffer.from(JSON.stringify(command)) }]);
  return { commandId: command.commandId, gateConnected: await target.isGateConnected() };
}
