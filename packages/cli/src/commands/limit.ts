import type { Command } from "commander";
import type { Limits } from "@plumbline/contracts";
import type { CommandContext, JsonOption } from "../command-context.ts";
import { collectLimit } from "./arguments.ts";
import { sendCommand } from "./send-command.ts";

export function addLimitCommand(program: Command, context: CommandContext): void {
  program
    .command("limit")
    .description("change the limits of a live run")
    .argument("<run>", "run id, or the beginning of one")
    .requiredOption("--set <name=number>", "such as usd=5 or steps=60; repeatable", collectLimit)
    .option("--json", "print JSON")
    .action(async (runId: string, options: JsonOption & { set: Limits }) => {
      await sendCommand(
        context,
        { runId, incidentId: undefined },
        {
          request: { verb: "limit", limits: options.set, message: "" },
          json: options.json,
        },
      );
    });
}
