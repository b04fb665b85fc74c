import type { Command } from "commander";
import { normaliseTelemetry, type NormalisedRun, type NormalisedTelemetry } from "@plumbline/analyzer";
import { createMonitor, createPolicy } from "@plumbline/detection";
import type { CommandContext, JsonOption } from "../command-context.ts";
import { formatUsd } from "../format/quantities.ts";
import { formatTable, oneLine } from "../format/table.ts";
import { readTelemetry } from "./read-telemetry.ts";

const cellWidth = 60;
const microUsdPerUsd = 1_000_000;

function formatRun(run: NormalisedRun): string {
  const columns = [
    { title: "STEP", align: "right" as const },
    { title: "KIND" },
    { title: "NAME" },
    { title: "OUTCOME" },
    { title: "CALL", maxWidth: cellWidth },
    { title: "RESULT", maxWidth: cellWidth },
  ];
  const rows = run.steps.map((step) => [
    String(step.i),
    step.kind,
    step.name,
    step.outcome,
    step.args ?? "",
    step.result ?? "",
  ]);
  const cost = run.cost_usd === null ? "cost unknown" : formatUsd(run.cost_usd * microUsdPerUsd);
  return [
    `${run.run_id}  ${run.dialects.join(", ")}  ${String(run.llm_calls)} model calls, ${String(run.tool_calls)} tool calls, ${String(run.usage.input_tokens)} tokens in, ${String(run.usage.output_tokens)} out, ${cost}`,
    `Goal  ${run.goal === null ? "(not in the telemetry)" : oneLine(run.goal, 160)}`,
    formatTable(columns, rows),
    ...run.findings.map(
      (finding) => `FINDING  ${finding.kind}, step ${String(finding.step)}: ${finding.evidence}`,
    ),
  ].join("\n");
}

function formatTelemetry({ runs, rejected }: NormalisedTelemetry): string {
  const refused = rejected.map((reason) => `LEFT OUT  ${reason}`);
  return [...runs.map(formatRun), ...refused].join("\n\n") || "No runs in there.";
}

export function addNormaliseCommand(program: Command, context: CommandContext): void {
  program
    .command("normalise")
    .description("show what Plumbline makes of recorded OTLP: runs, steps, outcomes, findings")
    .argument("<file...>", "OTLP JSON or protobuf, traces or logs, gzipped or not; all of one process")
    .option("--json", "print JSON")
    .action(async (names: string[], options: JsonOption) => {
      const files = await Promise.all(names.map(readTelemetry));
      const monitor = createMonitor(createPolicy({ profile: "enforce" }));
      const normalised = normaliseTelemetry(files, { monitor });
      if (options.json === true)
        context.print(JSON.stringify({ runs: normalised.runs, rejected: normalised.rejected }));
      else context.print(formatTelemetry(normalised));
    });
}
