import type { Command } from "commander";
import type { CommandContext, JsonOption } from "../command-context.ts";
import { formatWatchEvent } from "../format/watch-line.ts";

export function addWatchCommand(program: Command, context: CommandContext): void {
  program
    .command("watch")
    .description("follow all runs, or one, until Ctrl-C")
    .argument("[run]", "run id")
    .option("--json", "print one JSON object per line")
    .action(async (runId: string | undefined, options: JsonOption) => {
      const { signal } = context;
      const events = context.client().watch(runId === undefined ? { signal } : { runId, signal });
      try {
        for await (const event of events) {
          const line = options.json === true ? JSON.stringify(event) : formatWatchEvent(event);
          if (line !== undefined) context.print(line);
        }
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    });
}
