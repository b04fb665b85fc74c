import type { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { startEmbedded, type EmbeddedStack } from "../compose/embedded.ts";
import { loadSettings } from "../config/load-settings.ts";
import { profiles, type Settings } from "../config/settings.ts";
import { choiceOf } from "./arguments.ts";

export interface StackOptions {
  config?: string;
  dataDirectory?: string;
  profile?: string;
  store?: string;
  bus?: string;
}

/** Options that every command with a stack of its own takes. */
export function addStackOptions(command: Command): Command {
  return command
    .option("--config <file>", "configuration file, plumbline.yaml when there is one")
    .option("--data-directory <directory>", "where keys, bus and tables live")
    .option("--profile <profile>", profiles.join(", "), choiceOf(profiles))
    .option("--bus <address>", "sqlite or kafka://host:port")
    .option("--store <address>", "chdb or clickhouse://user:password@host:8123");
}

/** The settings of a command line: what it says itself over environment, file and defaults. */
export function loadStackSettings(context: CommandContext, options: StackOptions): Promise<Settings> {
  const { config, dataDirectory, profile, store, bus } = options;
  const flags = { dataDirectory, profile, store, bus };
  return loadSettings({ file: config, environment: context.environment, flags });
}

/** How to connect an agent, and how to look. */
export function formatConnection({ otlpUrl, otlpGrpcPort, apiUrl, dataDirectory }: EmbeddedStack): string {
  const grpc = otlpGrpcPort === null ? "" : `, gRPC on port ${String(otlpGrpcPort)}`;
  return [
    `Plumbline is up. OTLP ${otlpUrl}${grpc}; operator API ${apiUrl}; data ${dataDirectory}`,
    "Your agent:    node --import @plumbline/instrumentation/register app.js",
    `Any OTLP:      OTEL_EXPORTER_OTLP_ENDPOINT=${otlpUrl}`,
    "Look:          plumbline runs | plumbline show RUN | plumbline watch",
  ].join("\n");
}

/** Resolves on Ctrl-C. */
export function untilInterrupted(context: CommandContext): Promise<void> {
  return new Promise((resolve) => {
    if (context.signal.aborted) resolve();
    else context.signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

export function addUpCommand(program: Command, context: CommandContext): void {
  const command = program
    .command("up")
    .description("run everything in this process: collector, analyzer, tables, operator API");
  addStackOptions(command).action(async (options: StackOptions) => {
    const stack = await startEmbedded(await loadStackSettings(context, options));
    context.print(formatConnection(stack));
    await untilInterrupted(context);
    await stack.close();
  });
}
