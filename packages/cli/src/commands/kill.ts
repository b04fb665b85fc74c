import type { Command } from "commander";
import type { CommandContext, JsonOption } from "../command-context.ts";
import { sendCommand } from "./send-command.ts";

export function addKillCommand(program: Command, context: CommandContext): void {
  program
    .command("kill")
    .description("end a run for good; calls under way are aborted")
    .argument("[run]", "run id, or the beginning of one")
    .option("--incident <incident>", "every run of this incident instead")
    .option("--message <text>", "why, for whoever looks later", "")
    .option("--json", "print JSON")
    .action(
      async (runId: string | undefined, options: JsonOption & { message: string; incident?: string }) => {
        const { message, json } = options;
        await sendCommand(
          context,
          { runId, incidentId: options.incident },
          { request: { verb: "kill", message }, json },
        );
      },
    );
}
