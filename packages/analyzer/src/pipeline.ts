import type { Bus, Consumption } from "@plumbline/bus";
import { type Notification, topic, topicSpecs, type Clock } from "@plumbline/contracts";
import type { Monitor, RunState as MonitorState } from "@plumbline/detection";
import type { Store } from "@plumbline/store";
import { type AuditSettings, defaultAuditSettings, startAudit } from "./audit/start-audit.ts";
import { type ControlStateFollower, followControlState } from "./act/directive-repair.ts";
import { Comparisons } from "./embed/comparisons.ts";
import { type OpenModel, TextComparer } from "./embed/text-comparer.ts";
import { createFindingExporter } from "./act/finding-exporter.ts";
import { type EffectsPublisher, createEffectsPublisher } from "./act/publisher.ts";
import type { DirectiveSigner } from "./act/signer.ts";
import { ingestGroup, openIngestWorker } from "./ingest/ingest-worker.ts";
import { SpanPacing } from "./ingest/span-pacing.ts";
import { type JudgeOptions, Judges } from "./judge/judges.ts";
import type { AnalyzerMetrics } from "./metrics.ts";
import { StoreTurns } from "./persist/store-turns.ts";
import { createAssembler } from "./runs/assemble/create-assembler.ts";
import type { Effects } from "./runs/effects.ts";
import type { AnonymousTelemetry } from "./runs/ownership.ts";
import { RunsBacklog } from "./runs-backlog.ts";
import { openRunsWorker, runsGroup } from "./runs/runs-worker.ts";

export interface AnalyzerOptions {
  bus: Bus;
  store: Store;
  clock: Clock;
  signer: DirectiveSigner;
  monitor: Monitor<MonitorState>;
  metrics: AnalyzerMetrics;
  /** Name of the policy profile that the monitor runs, shown with every run. */
  profile: string;
  /** Partition count of topics that do not exist yet. */
  partitions: number;
  timerIntervalMs?: number;
  snapshotIntervalMs?: number;
  /** Base address of an OTLP/HTTP receiver that shows findings in trace viewers. */
  findingsEndpoint?: string;
  /** Tells people of questions, findings and pauses that last; returns at once. */
  notify?: (notification: Notification) => void;
  /** What telemetry without a principal may lead to. Default: `observe`. */
  anonymousTelemetry?: AnonymousTelemetry;
  /** Compares requests in other words. Default: none, by words alone. */
  openModel?: OpenModel | null;
  /** Asks a model about findings before the ladder pauses a run for them. Default: nobody. */
  judge?: JudgeOptions | null;
  /** Where the audit trail goes. Default: the tables. */
  audit?: AuditSettings;
}

export interface Analyzer {
  /** Stops all groups; what was taken in is stored and committed first. */
  close(): Promise<void>;
}

function findingExporterOf({ findingsEndpoint: endpoint, clock, metrics }: AnalyzerOptions) {
  return endpoint === undefined
    ? undefined
    : createFindingExporter({
        endpoint,
        clock,
        onDropped: (count, reason) => metrics.findingsNotShown(count, reason),
      });
}

/** Who answers what follows from records, on the log. */
interface Answerers {
  take(effects: Effects): void;
  close(): Promise<void>;
}

function answerersOf({ bus, clock, metrics, openModel = null, judge = null }: AnalyzerOptions): Answerers {
  const comparer = new TextComparer({ openModel, clock });
  const comparisons = new Comparisons({ bus, clock, comparer, metrics });
  const judges = judge === null ? null : new Judges({ bus, clock, ...judge });
  return {
    take(effects) {
      comparisons.take(effects);
      judges?.take(effects);
    },
    async close() {
      await judges?.close();
      await comparisons.close();
    },
  };
}

/** The stages of one analyzer and what they have in common. */
interface Stages {
  backlog: RunsBacklog;
  pacing: SpanPacing;
  publisher: EffectsPublisher;
  controlState: ControlStateFollower;
}

function consumeRuns(options: AnalyzerOptions, stages: Stages): Promise<Consumption> {
  const { bus, store, clock, metrics, monitor, profile, anonymousTelemetry: anonymous = "observe" } = options;
  const { timerIntervalMs = 1_000, snapshotIntervalMs = 2_000 } = options;
  const parts = { assembler: createAssembler(), monitor, profile, anonymous };
  const intervals = { timerIntervalMs, snapshotIntervalMs };
  const worker = { bus, store, clock, metrics, parts, turns: new StoreTurns(), ...intervals, ...stages };
  return bus.consume({
    group: runsGroup,
    topics: [topic.observations, topic.commands],
    open: (assignment) => openRunsWorker(worker, assignment),
    maxBatchRecords: () => stages.pacing.boundsAt(clock.nowMs()).observations,
  });
}

function consumeTelemetry(options: AnalyzerOptions, { backlog, pacing }: Stages): Promise<Consumption> {
  const { bus, store, clock, metrics } = options;
  const worker = { bus, store, clock, metrics, backlog, pacing, turns: new StoreTurns() };
  return bus.consume({
    group: ingestGroup,
    topics: [topic.spans, topic.logs],
    open: (assignment) => openIngestWorker(worker, assignment),
    maxBatchRecords: () => pacing.boundsAt(clock.nowMs()).sourceRecords,
  });
}

/**
 * The analyzer's pipeline, in the order of the data:
 * spans and logs → decode ▸ recognise ▸ affinity → observations → assemble ▸ track ▸ score ▸ detect ▸ decide → commands
 * → fold ▸ sign → control state. Rows are stored beside it; audit records go from ingest to the audit trail.
 */
export async function startAnalyzer(options: AnalyzerOptions): Promise<Analyzer> {
  const { bus, store, clock, metrics, signer, notify, audit: settings = defaultAuditSettings } = options;
  await bus.createTopics(topicSpecs(options.partitions));

  const findings = findingExporterOf(options);
  const answerers = answerersOf(options);
  const compare = (effects: Effects): void => answerers.take(effects);
  const publisher = createEffectsPublisher({ bus, signer, findings, notify, compare });
  const backlog = new RunsBacklog();
  const pacing = new SpanPacing(backlog);
  const stages = { backlog, pacing, publisher, controlState: await followControlState(bus) };
  // All at once: each may have to wait for the session of an owner that died.
  const [runs, audit, ingest] = await Promise.all([
    consumeRuns(options, stages),
    startAudit({ bus, store, clock, metrics, signer, settings }),
    consumeTelemetry(options, stages),
  ]);

  return {
    async close() {
      await ingest.close();
      await runs.close();
      await stages.controlState.close();
      await audit.close();
      await answerers.close();
      await findings?.close();
    },
  };
}
