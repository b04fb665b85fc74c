import type { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { partNames, startProcess, type PartName, type RunningProcess } from "../compose/process.ts";
import { addStackOptions, loadStackSettings, type StackOptions } from "./stack-options.ts";

/** How to connect an agent, and how to look. */
export function formatConnection(running: RunningProcess): string {
  const { otlpUrl, otlpGrpcPort, apiUrl, healthUrl, dataDirectory } = running;
  const grpc = otlpGrpcPort === null ? "" : `, gRPC on port ${String(otlpGrpcPort)}`;
  const lines = [
    otlpUrl === null ? "" : `OTLP and control   ${otlpUrl}${grpc}`,
    apiUrl === null ? "" : `Operator API       ${apiUrl}`,
    healthUrl === null ? "" : `Health and metrics ${healthUrl}`,
    `Data               ${dataDirectory}`,
    otlpUrl === null ? "" : "Your agent         node --import @plumbline/instrumentation/register app.js",
    apiUrl === null ? "" : "Look               plumbline runs | plumbline show RUN | plumbline watch",
  ];
  return lines.filter((line) => line !== "").join("\n");
}

/** What can't go on ends at once, so that its supervisor starts it again. */
export function dieOnceFailed(context: CommandContext, running: RunningProcess): void {
  void running.failed.then((failure) => {
    context.printError(`plumbline: ${failure.message}`);
    context.die();
  });
}

/** Resolves on Ctrl-C. */
export function untilInterrupted(context: CommandContext): Promise<void> {
  return new Promise((resolve) => {
    if (context.signal.aborted) resolve();
    else context.signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

interface ProcessCommand {
  name: string;
  description: string;
  parts: readonly PartName[];
}

const processCommands: readonly ProcessCommand[] = [
  {
    name: "up",
    description: "run everything in this process: collector, analyzer, tables, operator API",
    parts: partNames,
  },
  {
    name: "collector",
    description: "run the collector alone: OTLP in, directives out",
    parts: ["collector"],
  },
  {
    name: "analyzer",
    description: "run an analyzer alone; several share the partitions",
    parts: ["analyzer"],
  },
  { name: "console", description: "run the operator API alone", parts: ["console"] },
];

function addProcessCommand(
  program: Command,
  context: CommandContext,
  { name, description, parts }: ProcessCommand,
): void {
  addStackOptions(program.command(name).description(description)).action(async (options: StackOptions) => {
    const running = await startProcess(await loadStackSettings(context, options), parts);
    dieOnceFailed(context, running);
    context.print(`plumbline ${name} is ready.\n${formatConnection(running)}`);
    await untilInterrupted(context);
    await running.close();
  });
}

/** `up`, and its parts as processes of their own. */
export function addUpCommands(program: Command, context: CommandContext): void {
  for (const command of processCommands) addProcessCommand(program, context, command);
}
