import type { Command } from "commander";
import { runStatuses } from "@plumbline/contracts";
import { type CommandContext, type JsonOption, printResult } from "../command-context.ts";
import { formatRunList } from "../format/run-list.ts";
import { choiceOf, positiveInteger } from "./arguments.ts";

export function addRunsCommand(program: Command, context: CommandContext): void {
  program
    .command("runs")
    .description("list runs, the newest first")
    .option("--status <status>", `only one of: ${runStatuses.join(", ")}`, choiceOf(runStatuses))
    .option("--limit <count>", "at most so many", positiveInteger, 50)
    .option("--json", "print JSON")
    .action(async (options: JsonOption & { status?: string; limit: number }) => {
      const { status, limit } = options;
      const list = await context.client().runs({ limit, ...(status === undefined ? {} : { status }) });
      printResult(context, list, {
        json: options.json,
        format: ({ runs }) => formatRunList(runs, context.clock.nowMs()),
      });
    });
}
