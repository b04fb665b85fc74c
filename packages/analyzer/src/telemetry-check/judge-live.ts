import { z } from "zod";
import { mendFor, type Lack } from "./settings-by-dialect.ts";
import type { TelemetryLack } from "./telemetry-lack.ts";

const count = z.coerce.number();

/** What the store holds of one agent's last minutes, counted. */
const liveFiguresSchema = z.object({
  service: z.string(),
  agent: z.string(),
  runs: count,
  unnamedRuns: count,
  modelCalls: count,
  toolCalls: count,
  bareModelCalls: count,
  bareToolCalls: count,
  uncountedModelCalls: count,
  estimatedModelCalls: count,
  syntheticToolCalls: count,
  gatedRuns: count,
  /** Model calls of runs that have a gate, which no gate saw. */
  bypasses: count,
  fullSpans: count,
  dialects: z.array(z.string()),
});
type LiveFigures = z.infer<typeof liveFiguresSchema>;

/** What one agent's instrumentation lacks. */
export interface LiveCheck {
  service: string;
  agent: string;
  runs: number;
  calls: number;
  dialects: string[];
  lacks: TelemetryLack[];
}

type Judge = (figures: LiveFigures) => string | undefined;

const some = (part: number, whole: number, what: string): string | undefined =>
  part === 0 ? undefined : `${String(part)} of ${String(whole)} ${what}`;

const judges: Record<Exclude<Lack, "recognised">, Judge> = {
  content: (seen) =>
    some(
      seen.bareModelCalls + seen.bareToolCalls,
      seen.modelCalls + seen.toolCalls,
      "calls carry neither input nor output",
    ),
  tokens: (seen) =>
    some(seen.uncountedModelCalls, seen.modelCalls, "model calls carry no token counts") ??
    some(seen.estimatedModelCalls, seen.modelCalls, "model calls have estimated token counts"),
  "tool-spans": (seen) =>
    some(
      seen.syntheticToolCalls,
      seen.toolCalls,
      "tool calls have no span; they are known only from messages",
    ),
  conversation: (seen) => some(seen.unnamedRuns, seen.runs, "runs carry no conversation id"),
  "attributes-dropped": (seen) =>
    seen.fullSpans === 0
      ? undefined
      : `${String(seen.fullSpans)} spans have exactly as many attributes as the SDK's limit allows`,
  gate: (seen) => (seen.gatedRuns > 0 ? undefined : "no gate reports: runs can be watched, not held"),
  bypass: (seen) => some(seen.bypasses, seen.modelCalls, "model calls are of gated runs and passed no gate"),
};

/**
 * What each agent's instrumentation lacks, and the exact setting that mends it.
 * @param rows one per service and agent, as the doctor's query gives them
 */
export function judgeLive(rows: readonly unknown[]): LiveCheck[] {
  return rows.map((row) => {
    const seen = liveFiguresSchema.parse(row);
    const { service, agent, runs, modelCalls, toolCalls, dialects } = seen;
    const lacks = (Object.entries(judges) as [Lack, Judge][]).flatMap(([lack, judge]): TelemetryLack[] => {
      const told = judge(seen);
      return told === undefined ? [] : [{ lack, seen: told, mend: mendFor(lack, dialects) }];
    });
    return { service, agent, runs, calls: modelCalls + toolCalls, dialects, lacks };
  });
}
