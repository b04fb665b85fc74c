import { plumblineAttribute, type OtlpSpan } from "@plumbline/contracts";
import { normaliseTelemetry } from "../normalise/normalise-telemetry.ts";
import type { NormalisedRun } from "../normalise/normalised-run.ts";
import { readTelemetryFile, type TelemetryFile } from "../normalise/read-telemetry-file.ts";
import { mendFor, type Lack } from "./settings-by-dialect.ts";
import type { TelemetryLack } from "./telemetry-lack.ts";

export interface TelemetryCheck {
  spans: number;
  logs: number;
  runs: number;
  dialects: string[];
  lacks: TelemetryLack[];
  rejected: string[];
}

type Judge = (seen: Seen) => string | undefined;

interface Seen {
  spans: readonly OtlpSpan[];
  logs: number;
  runs: readonly NormalisedRun[];
}

const stepsOf = (runs: readonly NormalisedRun[], kind: "model" | "tool") =>
  runs.flatMap((run) => run.steps.filter((step) => step.kind === kind));

function contentLack({ runs }: Seen): string | undefined {
  const models = stepsOf(runs, "model");
  const bare = models.filter((step) => step.args === null && step.result === null);
  const tools = stepsOf(runs, "tool");
  const bareTools = tools.filter((step) => step.result === null && (step.args === null || step.args === ""));
  const count = bare.length + bareTools.length;
  if (count === 0) return undefined;
  return `${String(count)} of ${String(models.length + tools.length)} calls carry neither input nor output`;
}

function tokenLack({ runs }: Seen): string | undefined {
  const without = runs.filter((run) => run.llm_calls > 0 && run.usage.input_tokens === 0);
  if (without.length > 0)
    return `${String(without.length)} of ${String(runs.length)} runs have model calls without token counts`;
  const estimated = runs.filter((run) => run.usage.estimated);
  return estimated.length > 0 ? `${String(estimated.length)} runs have estimated token counts` : undefined;
}

function toolSpanLack({ runs }: Seen): string | undefined {
  const tools = stepsOf(runs, "tool");
  const synthetic = tools.filter((step) => step.synthetic);
  if (synthetic.length === 0) return undefined;
  return `${String(synthetic.length)} of ${String(tools.length)} tool calls have no span; they are known only from messages`;
}

/** Runs named by their history or their trace hold together only as long as nothing else looks like them. */
function conversationLack({ runs }: Seen): string | undefined {
  const unnamed = runs.filter((run) => /^[ht]-/.test(run.run_id));
  if (unnamed.length === 0) return undefined;
  return `${String(unnamed.length)} of ${String(runs.length)} runs carry no conversation id`;
}

function droppedLack({ spans }: Seen): string | undefined {
  const cut = spans.filter((span) => span.droppedAttributesCount > 0);
  if (cut.length === 0) return undefined;
  const count = cut.reduce((sum, span) => sum + span.droppedAttributesCount, 0);
  return `${String(cut.length)} spans lost ${String(count)} attributes to the limit of the SDK`;
}

function gateLack({ spans, runs }: Seen): string | undefined {
  const hasGate =
    runs.some((run) => run.dialects.includes("plumbline")) ||
    spans.some((span) => plumblineAttribute.runId in span.attributes);
  return hasGate || runs.length === 0 ? undefined : "no gate reports: runs can be watched, not held";
}

function recognitionLack({ spans, logs, runs }: Seen): string | undefined {
  if (runs.length > 0) return undefined;
  return `no run in ${String(spans.length)} spans and ${String(logs)} log records`;
}

const judges: Record<Exclude<Lack, "bypass">, Judge> = {
  recognised: recognitionLack,
  content: contentLack,
  tokens: tokenLack,
  "tool-spans": toolSpanLack,
  conversation: conversationLack,
  "attributes-dropped": droppedLack,
  gate: gateLack,
};

/**
 * What Plumbline would miss in this telemetry, and the exact setting that mends each.
 * @throws RejectedError naming the file that can't be read
 */
export function checkTelemetry(files: readonly TelemetryFile[]): TelemetryCheck {
  const contents = files.map(readTelemetryFile);
  const spans = contents.flatMap((content) => content.spans);
  const logs = contents.reduce((sum, content) => sum + content.logs.length, 0);
  const { runs, rejected } = normaliseTelemetry(files);
  const dialects = [...new Set(runs.flatMap((run) => run.dialects))].toSorted();
  const lacks = (Object.entries(judges) as [Lack, Judge][]).flatMap(([lack, judge]): TelemetryLack[] => {
    const seen = judge({ spans, logs, runs });
    return seen === undefined ? [] : [{ lack, seen, mend: mendFor(lack, dialects) }];
  });
  return { spans: spans.length, logs, runs: runs.length, dialects, lacks, rejected };
}
