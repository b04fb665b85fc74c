import { type CommandAccepted, type CommandRequest, RejectedError } from "@plumbline/contracts";
import { type CommandContext, printResult } from "../command-context.ts";

function formatAccepted(runId: string, verb: string): (accepted: CommandAccepted) => string {
  return ({ gateConnected }) => {
    if (gateConnected === null)
      return `${verb} sent to ${runId}. The tables can't tell just now whether a gate is connected; a run of exactly this id obeys.`;
    return gateConnected
      ? `${verb} sent to ${runId}.`
      : `${verb} recorded for ${runId}. No gate is connected, so nothing holds the agent until one is.`;
  };
}

/** One run by its id, or all runs of an incident. */
export interface CommandTarget {
  runId: string | undefined;
  incidentId: string | undefined;
}

/** @throws RejectedError when neither a run nor an incident is named, or both are */
async function runIdsOf(
  context: CommandContext,
  { runId, incidentId }: CommandTarget,
): Promise<readonly string[]> {
  if ((runId === undefined) === (incidentId === undefined)) {
    throw new RejectedError("Name a run, or an incident by --incident, and not both.", { code: "TARGET" });
  }
  if (runId !== undefined) return [runId];
  return (await context.client().incident(incidentId ?? "")).runIds;
}

/** Sends one command to every run of the target and says what can come of it. A run that refuses holds up no other. */
export async function sendCommand(
  context: CommandContext,
  target: CommandTarget,
  sent: { request: CommandRequest; json: boolean | undefined },
): Promise<void> {
  const runIds = await runIdsOf(context, target);
  const refusals: unknown[] = [];
  for (const runId of runIds) {
    try {
      const accepted = await context.client().command(runId, sent.request);
      printResult(context, accepted, { json: sent.json, format: formatAccepted(runId, sent.request.verb) });
    } catch (error) {
      refusals.push(error);
    }
  }
  if (refusals.length > 0)
    throw refusals.length === 1
      ? refusals[0]
      : new AggregateError(refusals, refusals.map((error) => (error as Error).message).join(" "));
}
