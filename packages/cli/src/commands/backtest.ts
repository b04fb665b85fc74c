import { resolve } from "node:path";
import type { Command } from "commander";
import { summariseBacktest } from "@plumbline/analyzer";
import { RetryableError } from "@plumbline/contracts";
import { openFileSource } from "../backtest/file-source.ts";
import { type BacktestPage, formatBacktest } from "../backtest/format-backtest.ts";
import { progressOn } from "../backtest/progress-line.ts";
import { type BacktestResult, runBacktest } from "../backtest/run-backtest.ts";
import { durationMs } from "../backtest/since.ts";
import { StateFile } from "../backtest/state-file.ts";
import { isTableSource, openTableSource } from "../backtest/table-source.ts";
import { type CommandContext, type JsonOption, printResult } from "../command-context.ts";
import { loadSettings } from "../config/load-settings.ts";

interface BacktestCommandOptions extends JsonOption {
  /** Milliseconds. */
  since?: number;
  config?: string;
  restart?: boolean;
}

interface Outcome {
  label: string;
  sinceMs: number;
  result: BacktestResult;
}

async function backtest(
  named: string,
  options: BacktestCommandOptions,
  context: CommandContext,
): Promise<Outcome> {
  const { environment, clock, signal } = context;
  const isTable = isTableSource(named);
  const address = isTable ? named : resolve(named);
  const { dataDirectory } = await loadSettings({ file: options.config, environment, flags: {} });
  const stateFile = new StateFile(dataDirectory, `${address} ${String(options.since ?? "")}`);
  const before = options.restart === true ? undefined : await stateFile.load();
  const sinceMs = before?.sinceMs ?? (options.since === undefined ? 0 : clock.nowMs() - options.since);
  const source = isTable ? await openTableSource(address, sinceMs) : openFileSource(address);
  if (before !== undefined)
    context.printError(
      `Going on after ${String(before.done.length)} parts that are done; --restart begins anew.`,
    );
  const progress = progressOn(process.stderr);
  try {
    const tools = { source, sinceMs, before, stateFile, progress, clock, signal };
    return { label: source.label, sinceMs, result: await runBacktest(tools) };
  } finally {
    progress.end();
    await source.close();
  }
}

function pageOf({ label, sinceMs, result }: Outcome): BacktestPage {
  const { runs, counts, reasons } = result;
  return { source: label, sinceMs, counts, leftOut: reasons, summary: summariseBacktest(runs), runs };
}

export function addBacktestCommand(program: Command, context: CommandContext): void {
  program
    .command("backtest")
    .description("say where recorded telemetry would have been held; read-only, touches no agent")
    .argument(
      "<source>",
      "OTLP file or folder, clickhouse://user:password@host:8123/database, or chdb:DIRECTORY",
    )
    .option("--since <duration>", "only the last 90m, 12h, 30d or 2w", durationMs)
    .option("--restart", "begin anew instead of going on after an interruption")
    .option("--config <file>", "configuration file; names the data directory")
    .option("--json", "print JSON")
    .action(async (source: string, options: BacktestCommandOptions) => {
      const outcome = await backtest(source, options, context);
      const { isWhole, units, unitsDone } = outcome.result;
      if (!isWhole)
        throw new RetryableError(`Interrupted after ${String(unitsDone)} of ${String(units)} parts.`, {
          code: "INTERRUPTED",
          mend: "The same command goes on from what was saved last.",
        });
      printResult(context, pageOf(outcome), { json: options.json, format: formatBacktest });
    });
}
