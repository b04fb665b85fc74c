import { type ApprovalAnswer, type CommandAccepted, messageOf } from "@plumbline/contracts";
import { type Command, InvalidArgumentError } from "commander";
import { type CommandContext, type JsonOption, printResult } from "../command-context.ts";
import { formatApprovals } from "../format/approvals.ts";

function jsonText(value: string): string {
  try {
    JSON.parse(value);
    return value;
  } catch (error) {
    throw new InvalidArgumentError(`It is not JSON: ${messageOf(error)}.`);
  }
}

function formatAnswered(approvalId: string, decision: string): (accepted: CommandAccepted) => string {
  return ({ gateConnected }) =>
    gateConnected !== false
      ? `${decision} sent for ${approvalId}.`
      : `${decision} recorded for ${approvalId}. The agent is not connected; it gets the answer when it is.`;
}

async function answer(
  context: CommandContext,
  approvalId: string,
  given: { answer: ApprovalAnswer; json: boolean | undefined },
): Promise<void> {
  const accepted = await context.client().answer(approvalId, given.answer);
  const format = formatAnswered(approvalId, given.answer.decision);
  printResult(context, accepted, { json: given.json, format });
}

function addListCommand(program: Command, context: CommandContext): void {
  program
    .command("approvals")
    .description("list what waits for an answer: what, why, and what happens when nobody answers")
    .option("--run <run>", "of this run only")
    .option("--all", "those that were answered or ran out as well")
    .option("--json", "print JSON")
    .action(async (options: JsonOption & { run?: string; all?: boolean }) => {
      const { run, all = false, json } = options;
      const filter = { pending: !all, ...(run === undefined ? {} : { runId: run }) };
      printResult(context, await context.client().approvals(filter), {
        json,
        format: ({ approvals }) => formatApprovals(approvals, context.clock.nowMs()),
      });
    });
}

/** `approvals`, `approve` and `deny`. */
export function addApprovalCommands(program: Command, context: CommandContext): void {
  addListCommand(program, context);
  program
    .command("approve")
    .description("let an action happen that an agent asked about; counts once")
    .argument("<approval>", "approval id, or the beginning of one")
    .option("--edit <json>", "with these arguments instead; the agent checks them against the tool", jsonText)
    .option("--message <text>", "why, for whoever looks later", "")
    .option("--json", "print JSON")
    .action(async (approvalId: string, options: JsonOption & { edit?: string; message: string }) => {
      const { edit: editedArguments = null, message, json } = options;
      await answer(context, approvalId, { answer: { decision: "approve", editedArguments, message }, json });
    });
  program
    .command("deny")
    .description("refuse an action that an agent asked about; the model is told")
    .argument("<approval>", "approval id, or the beginning of one")
    .option("--message <text>", "why; the model gets to read it", "")
    .option("--json", "print JSON")
    .action(async (approvalId: string, { message, json }: JsonOption & { message: string }) => {
      await answer(context, approvalId, { answer: { decision: "deny", message }, json });
    });
}
