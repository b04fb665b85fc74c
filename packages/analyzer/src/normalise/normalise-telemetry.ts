import { isPlumblineError, type Limits, type Observation, type Step, topic } from "@plumbline/contracts";
import type { Monitor, MonitorInput, MonitorOutput } from "@plumbline/detection";
import { Affinity } from "../ingest/affinity/affinity.ts";
import type { ObservationDraft } from "../ingest/recognise/draft.ts";
import { recogniseLog, recogniseSpan, type RecordContext } from "../ingest/recognise/recognise.ts";
import type { Assembly } from "../runs/assemble/assembler.ts";
import { createAssembler } from "../runs/assemble/create-assembler.ts";
import type { PriceBook } from "../usage/price-book.ts";
import { type NormalisedFinding, type NormalisedRun, normalisedRun } from "./normalised-run.ts";
import { readTelemetryFile, type TelemetryFile } from "./read-telemetry-file.ts";

export interface NormaliseOptions<MonitorState> {
  prices?: PriceBook;
  /** Raises the findings; without one there are none. */
  monitor?: Monitor<MonitorState>;
}

export interface NormalisedTelemetry {
  runs: NormalisedRun[];
  /** Spans and log records that were left out, and why. */
  rejected: string[];
}

/** A whole process at once: nothing is settled before the end. */
const wholeRun = { maxRecords: 20_000, maxChars: 500_000_000 };
const noLimits: Limits = {};

interface Draft {
  drafts: ObservationDraft[];
  rejected: string[];
}

function recogniseAll<Item>(
  items: readonly Item[],
  recognise: (item: Item, context: RecordContext) => ObservationDraft[],
  place: { topic: string; offset: number },
): Draft {
  const drafts: ObservationDraft[] = [];
  const rejected: string[] = [];
  for (const [index, item] of items.entries()) {
    try {
      drafts.push(
        ...recognise(item, { tenantId: "", principal: "", source: { ...place, partition: 0, index } }),
      );
    } catch (error) {
      if (!isPlumblineError(error)) throw error;
      rejected.push(error.message);
    }
  }
  return { drafts, rejected };
}

function readAll(files: readonly TelemetryFile[]): Draft {
  const parts = files.flatMap((file, offset) => {
    const { spans, logs, rejected } = readTelemetryFile(file);
    return [
      { drafts: [], rejected },
      recogniseAll(logs, recogniseLog, { topic: topic.logs, offset }),
      recogniseAll(
        spans,
        (span, context) => {
          const draft = recogniseSpan(span, context);
          return draft === undefined ? [] : [draft];
        },
        { topic: topic.spans, offset },
      ),
    ];
  });
  return {
    drafts: parts.flatMap(({ drafts }) => drafts),
    rejected: parts.flatMap(({ rejected }) => rejected),
  };
}

/** In the order in which the records would have come in live: spans when they ended, log records when they were written. */
function placed(drafts: readonly ObservationDraft[]): Observation[] {
  const affinity = new Affinity({ holdMs: Number.POSITIVE_INFINITY, maxHeld: Number.POSITIVE_INFINITY });
  const ordered = drafts.toSorted((first, second) => first.observation.atMs - second.observation.atMs);
  const now = affinity.accept(ordered, 0).ready;
  const rest = affinity.close().ready;
  return [...now, ...rest].toSorted((first, second) => first.atMs - second.atMs);
}

interface RunInProgress {
  assembly: Assembly;
  goal: string | null;
  steps: Map<string, Step>;
  dialects: Set<string>;
}

function assembleRuns(
  observations: readonly Observation[],
  prices: PriceBook | undefined,
): Map<string, RunInProgress> {
  const assembler = createAssembler({ window: wholeRun, ...(prices !== undefined && { prices }) });
  const runs = new Map<string, RunInProgress>();
  for (const observation of observations) {
    const runId = observation.affinity;
    const run = runs.get(runId) ?? {
      assembly: assembler.begin({ tenantId: "", runId }),
      goal: null,
      steps: new Map<string, Step>(),
      dialects: new Set<string>(),
    };
    const { state, steps, goal } = assembler.next(run.assembly, observation);
    for (const step of steps) run.steps.set(step.stepId, step);
    run.dialects.add(observation.dialect);
    runs.set(runId, { ...run, assembly: state, goal });
  }
  return runs;
}

function findingsOf<State>(
  monitor: Monitor<State>,
  run: { runId: string; goal: string | null; steps: readonly Step[] },
): NormalisedFinding[] {
  const { runId, goal, steps } = run;
  const positions = new Map(steps.map((step, index) => [step.stepId, index + 1]));
  const [first] = steps;
  let state = monitor.begin({ tenantId: "", runId, agentName: first?.agentName ?? "" });
  const outputs: MonitorOutput[] = [];
  const tell = (input: MonitorInput): void => {
    const next = monitor.next(state, input);
    ({ state } = next);
    outputs.push(...next.outputs);
  };
  tell({ type: "run-start", goal: goal ?? "", limits: noLimits, hasGate: false, atMs: first?.startMs ?? 0 });
  for (const [index, step] of steps.entries()) tell({ type: "step", step: { ...step, sequence: index + 1 } });
  tell({ type: "run-end", atMs: steps.at(-1)?.endMs ?? 0 });
  const found = outputs.flatMap((output) =>
    output.type === "finding" && output.finding.revision === 0 ? [output.finding] : [],
  );
  return found.map((finding) => ({
    kind: finding.kind,
    step: positions.get(finding.evidence.at(-1)?.stepId ?? "") ?? finding.atSequence,
    evidence: finding.summary,
  }));
}

/**
 * What the telemetry of one process says, by the stages of the analyzer: decode, recognise, affinity, assemble, and detect
 * if a monitor is given.
 * @throws RejectedError naming the file that can't be read
 */
export function normaliseTelemetry<State>(
  files: readonly TelemetryFile[],
  options: NormaliseOptions<State> = {},
): NormalisedTelemetry {
  const { drafts, rejected } = readAll(files);
  const runs = [...assembleRuns(placed(drafts), options.prices)].map(([runId, run]) => {
    const steps = [...run.steps.values()]
      .filter((step) => !step.retracted)
      .toSorted((first, second) => first.startMs - second.startMs || first.sequence - second.sequence);
    return { runId, goal: run.goal, dialects: run.dialects, steps };
  });
  const { monitor } = options;
  // A goal without steps is worth a run only where nothing else tells of one.
  const hasSteps = runs.some(({ steps }) => steps.length > 0);
  return {
    runs: runs
      .filter(({ steps, goal }) => steps.length > 0 || (goal !== null && !hasSteps))
      .map((run) =>
        normalisedRun({ ...run, findings: monitor === undefined ? [] : findingsOf(monitor, run) }),
      ),
    rejected,
  };
}
