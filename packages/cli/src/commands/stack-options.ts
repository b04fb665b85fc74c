import type { Command } from "commander";
import { profiles } from "@plumbline/detection";
import type { CommandContext } from "../command-context.ts";
import { loadSettings } from "../config/load-settings.ts";
import type { Settings } from "../config/settings.ts";
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
    .option("--config <file>", "configuration file; plumbline.yaml when there is one")
    .option("--data-directory <directory>", "where keys, bus and tables live")
    .option("--profile <profile>", profiles.join(", "), choiceOf(profiles))
    .option("--bus <address>", "sqlite, kafka://host:port, or kafkas://host:port for TLS")
    .option("--store <address>", "chdb or clickhouse://user:password@host:8123");
}

/** The settings of a command line: what it says itself over environment, file and defaults. */
export function loadStackSettings(context: CommandContext, options: StackOptions): Promise<Settings> {
  const { config, dataDirectory, profile, store, bus } = options;
  const flags = { dataDirectory, profile, store, bus };
  return loadSettings({ file: config, environment: context.environment, flags });
}
