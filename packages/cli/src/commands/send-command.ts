import type { CommandAccepted, CommandRequest } from "@plumbline/contracts";
import { type CommandContext, printResult } from "../command-context.ts";

function formatAccepted(runId: string, verb: string): (accepted: CommandAccepted) => string {
  return ({ gateConnected }) =>
    gateConnected
      ? `${verb} sent to ${runId}.`
      : `${verb} recorded for ${runId}. No gate is connected, so nothing holds the agent until one is.`;
}

/** Sends one command and says what can come of it. */
export async function sendCommand(
  context: CommandContext,
  runId: string,
  sent: { request: CommandRequest; json: boolean | undefined },
): Promise<void> {
  const accepted = await context.client().command(runId, sent.request);
  printResult(context, accepted, { json: sent.json, format: formatAccepted(runId, sent.request.verb) });
}
