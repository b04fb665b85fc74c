import { InvalidArgumentError, Option, type Command } from "commander";
import { checkTelemetry, type TelemetryCheck } from "@plumbline/analyzer";
import { systemIds } from "@plumbline/contracts";
import { type CommandContext, type JsonOption, printResult } from "../command-context.ts";
import { createChecks } from "../doctor/checks.ts";
import { runChecks, type CheckResult } from "../doctor/check.ts";
import { checkLive, formatLive } from "../doctor/live-telemetry.ts";
import { formatTable } from "../format/table.ts";
import { readTelemetry } from "./read-telemetry.ts";
import { loadStackSettings, type StackOptions } from "./stack-options.ts";

const defaultOtlpUrl = "http://127.0.0.1:4318";
const exitFailed = 1;

interface DoctorOptions extends StackOptions, JsonOption {
  endpoint?: string;
  telemetry?: string[];
  live?: boolean;
  minutes: number;
}

function formatTelemetryCheck({ spans, logs, runs, dialects, lacks, rejected }: TelemetryCheck): string {
  const seen = `${String(spans)} spans and ${String(logs)} log records, ${String(runs)} runs, spoken as ${dialects.join(", ") || "nothing known"}.`;
  const rows = lacks.map((lack) => `LACKS  ${lack.lack}: ${lack.seen}\n       ${lack.mend}`);
  const refused = rejected.map((reason) => `LEFT OUT  ${reason}`);
  const verdict = lacks.length === 0 ? ["Nothing is lacking."] : rows;
  return [seen, ...verdict, ...refused].join("\n");
}

async function checkFiles(
  context: CommandContext,
  names: readonly string[],
  json: boolean | undefined,
): Promise<void> {
  const files = await Promise.all(names.map(readTelemetry));
  printResult(context, checkTelemetry(files), { json, format: formatTelemetryCheck });
}

function formatResults(results: readonly CheckResult[]): string {
  const rows = results.map(({ name, passed, detail }) => [passed ? "ok" : "FAILED", name, detail]);
  return formatTable([{ title: "" }, { title: "CHECK" }, { title: "SEEN" }], rows);
}

function minutesFrom(text: string): number {
  const minutes = Number(text);
  if (Number.isInteger(minutes) && minutes > 0 && minutes <= 1440) return minutes;
  throw new InvalidArgumentError("Give a whole number of minutes from 1 to 1440.");
}

export function addDoctorCommand(program: Command, context: CommandContext): void {
  program
    .command("doctor")
    .description("prove every connection by using it: telemetry up, directive down, tables")
    .option("--config <file>", "configuration file")
    .addOption(new Option("--data-directory <directory>", "where the control keys lie"))
    .option("--endpoint <url>", "OTLP endpoint of the collector")
    .option("--telemetry <file...>", "instead tell what recorded OTLP lacks, and the setting that mends it")
    .option(
      "--live",
      "instead tell what the agents seen in the last minutes lack, and the settings that mend it",
    )
    .addOption(
      new Option("--minutes <count>", "how far --live looks back").argParser(minutesFrom).default(15),
    )
    .option("--json", "print JSON")
    .action(async (options: DoctorOptions) => {
      if (options.live === true) {
        const checks = await checkLive(context.client(), options.minutes);
        printResult(context, checks, { json: options.json, format: formatLive });
        return;
      }
      if (options.telemetry !== undefined) {
        await checkFiles(context, options.telemetry, options.json);
        return;
      }
      const { environment, clock } = context;
      const otlpUrl = options.endpoint ?? environment["PLUMBLINE_ENDPOINT"] ?? defaultOtlpUrl;
      const controlUrl = environment["PLUMBLINE_CONTROL_ENDPOINT"] ?? otlpUrl;
      const target = { otlpUrl, controlUrl, token: environment["PLUMBLINE_TOKEN"] };
      const loadSettings = () => loadStackSettings(context, options);
      const checks = createChecks({ client: context.client(), target, clock, ids: systemIds, loadSettings });
      const results = await runChecks(checks);
      printResult(context, results, { json: options.json, format: formatResults });
      if (results.some(({ passed }) => !passed)) process.exitCode = exitFailed;
    });
}
