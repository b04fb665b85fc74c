import type { Command } from "commander";
import { type CommandContext, type JsonOption, printResult } from "../command-context.ts";
import { formatRunDetail } from "../format/run-detail.ts";

export function addShowCommand(program: Command, context: CommandContext): void {
  program
    .command("show")
    .description("show where a run stands, why, what was done and what to do next")
    .argument("<run>", "run id, or the beginning of one")
    .option("--json", "print JSON")
    .action(async (runId: string, options: JsonOption) => {
      const detail = await context.client().run(runId);
      printResult(context, detail, {
        json: options.json,
        format: (value) => formatRunDetail(value, context.clock.nowMs()),
      });
    });
}
