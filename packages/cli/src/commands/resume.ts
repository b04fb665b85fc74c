import type { Command } from "commander";
import type { Limits } from "@plumbline/contracts";
import type { CommandContext, JsonOption } from "../command-context.ts";
import { collectLimit } from "./arguments.ts";
import { sendCommand } from "./send-command.ts";

interface ResumeOptions extends JsonOption {
  message: string;
  incident?: string;
  say?: string;
  limit?: Limits;
}

export function addResumeCommand(program: Command, context: CommandContext): void {
  program
    .command("resume")
    .description("let a paused run go on")
    .argument("[run]", "run id, or the beginning of one")
    .option("--incident <incident>", "every run of this incident instead")
    .option("--say <text>", "put these words into the conversation first")
    .option("--limit <name=number>", "set a limit, such as usd=5; repeatable", collectLimit)
    .option("--message <text>", "why, for whoever looks later", "")
    .option("--json", "print JSON")
    .action(async (runId: string | undefined, options: ResumeOptions) => {
      const { message, say = null, limit: limits = null, json } = options;
      await sendCommand(
        context,
        { runId, incidentId: options.incident },
        { request: { verb: "resume", message, say, limits }, json },
      );
    });
}
