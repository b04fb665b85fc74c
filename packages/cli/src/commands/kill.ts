import type { Command } from "commander";
import type { CommandContext, JsonOption } from "../command-context.ts";
import { sendCommand } from "./send-command.ts";

export function addKillCommand(program: Command, context: CommandContext): void {
  program
    .command("kill")
    .description("end a run for good; calls under way are aborted")
    .argument("<run>", "run id, or the beginning of one")
    .option("--message <text>", "why, for whoever looks later", "")
    .option("--json", "print JSON")
    .action(async (runId: string, options: JsonOption & { message: string }) => {
      const { message, json } = options;
      await sendCommand(context, runId, { request: { verb: "kill", message }, json });
    });
}
