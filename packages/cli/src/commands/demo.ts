import type { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { partNames, startProcess } from "../compose/process.ts";
import { runDemo } from "../demo/run-demo.ts";
import { positiveInteger } from "./arguments.ts";
import { addStackOptions, loadStackSettings, type StackOptions } from "./stack-options.ts";
import { dieOnceFailed, formatConnection, untilInterrupted } from "./up.ts";

interface DemoCommandOptions extends StackOptions {
  once?: boolean;
  stay?: boolean;
  seed: number;
}

const exitFailed = 1;

export function addDemoCommand(program: Command, context: CommandContext): void {
  const command = program
    .command("demo")
    .description("start everything, then agents that get stuck, lie, overspend and behave")
    .option("--once", "end after the demo; exit code 0 only if every agent ended as expected")
    .option("--stay", "stay up afterwards for your own agents (the default)")
    .option("--seed <number>", "varies wording, order and length", positiveInteger, 1);
  addStackOptions(command).action(async (options: DemoCommandOptions) => {
    const settings = await loadStackSettings(context, { profile: "enforce", ...options });
    const stack = await startProcess(settings, partNames);
    dieOnceFailed(context, stack);
    try {
      const { otlpUrl, apiUrl, dataDirectory } = stack;
      const place = { otlpUrl: otlpUrl ?? "", apiUrl: apiUrl ?? "", dataDirectory };
      const passed = await runDemo(context, {
        seed: options.seed,
        stack: place,
        environment: context.environment,
      });
      if (!passed) process.exitCode = exitFailed;
      if (options.once === true) return;
      context.print(`\n${formatConnection(stack)}`);
      await untilInterrupted(context);
    } finally {
      await stack.close();
    }
  });
}
