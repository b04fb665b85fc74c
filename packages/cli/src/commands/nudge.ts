import type { Command } from "commander";
import type { CommandContext, JsonOption } from "../command-context.ts";
import { sendCommand } from "./send-command.ts";

export function addNudgeCommand(program: Command, context: CommandContext): void {
  program
    .command("nudge")
    .description("give a run one extra message at its next model call")
    .argument("<run>", "run id, or the beginning of one")
    .argument("<text>", "the message")
    .option("--json", "print JSON")
    .action(async (runId: string, text: string, options: JsonOption) => {
      await sendCommand(
        context,
        { runId, incidentId: undefined },
        {
          request: { verb: "nudge", text, message: "" },
          json: options.json,
        },
      );
    });
}
