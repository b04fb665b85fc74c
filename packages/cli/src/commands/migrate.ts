import type { Command } from "commander";
import { pino } from "pino";
import type { CommandContext } from "../command-context.ts";
import { openBus, openStore } from "../compose/backends.ts";
import { addStackOptions, loadStackSettings, type StackOptions } from "./stack-options.ts";

export function addMigrateCommand(program: Command, context: CommandContext): void {
  const command = program
    .command("migrate")
    .description("create or bring up to date the topics and the tables, then end");
  addStackOptions(command).action(async (options: StackOptions) => {
    const settings = await loadStackSettings(context, options);
    const bus = await openBus(settings, pino({ level: settings.logLevel }));
    await bus.close();
    const store = await openStore(settings);
    await store.close();
    context.print(
      `Topics on ${settings.bus} and tables on ${settings.store.replace(/\/\/[^@/]*@/, "//")} are up to date.`,
    );
  });
}
