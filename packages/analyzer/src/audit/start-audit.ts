import type { Bus, Consumption } from "@plumbline/bus";
import { type Clock, topic } from "@plumbline/contracts";
import type { Store } from "@plumbline/store";
import type { DirectiveSigner } from "../act/signer.ts";
import type { AnalyzerMetrics } from "../metrics.ts";
import { auditGroup, openAuditWorker } from "./audit-worker.ts";
import { createHeadPublisher } from "./head-publisher.ts";
import { type AuditSink, type AuditSinkSettings, createAuditSink } from "./sink.ts";
import { type AuditPart, openSinkWorker, sinkGroup } from "./sink-worker.ts";

/** Where the audit trail goes. */
export interface AuditSettings {
  /** What people may read who may not see contents. */
  compliance: readonly AuditSinkSettings[];
  /** Contents of tool calls. */
  technical: readonly AuditSinkSettings[];
  /** Countersigned heads, besides their table. */
  heads: readonly AuditSinkSettings[];
  headIntervalMs: number;
}

export const defaultAuditSettings: AuditSettings = {
  compliance: [{ to: "table" }],
  technical: [{ to: "table" }],
  heads: [],
  headIntervalMs: 60_000,
};

interface AuditOptions {
  bus: Bus;
  store: Store;
  clock: Clock;
  metrics: AnalyzerMetrics;
  signer: DirectiveSigner;
  settings: AuditSettings;
}

const outsideOf = (settings: readonly AuditSinkSettings[]): AuditSink[] =>
  settings.map((one) => createAuditSink(one)).filter((sink) => sink !== undefined);
const hasTable = (settings: readonly AuditSinkSettings[]): boolean =>
  settings.some(({ to }) => to === "table");

/**
 * The audit trail beside the analyzer's pipeline:
 * audit records → tables ▸ countersign → heads → outside; and, each at its own pace, → files and webhooks.
 */
export async function startAudit(options: AuditOptions): Promise<{ close(): Promise<void> }> {
  const { bus, store, clock, metrics, signer, settings } = options;
  const onFailure = (error: unknown): void => metrics.storeRetried(error);
  const { headIntervalMs: intervalMs } = settings;
  const publisher = createHeadPublisher({ sinks: outsideOf(settings.heads), clock, intervalMs, onFailure });
  const tables = { compliance: hasTable(settings.compliance), technical: hasTable(settings.technical) };
  const sign = signer.signAuditHead;
  const consumptions: Consumption[] = [
    await bus.consume({
      group: auditGroup,
      topics: [topic.audit],
      open: (assignment) =>
        openAuditWorker({ bus, store, clock, metrics, sign, tables, publisher }, assignment),
    }),
  ];
  for (const part of ["compliance", "technical"] as const satisfies AuditPart[]) {
    for (const sink of outsideOf(settings[part])) {
      const group = sinkGroup(part, sink);
      const open = (assignment: Parameters<typeof openSinkWorker>[1]) =>
        Promise.resolve(openSinkWorker({ part, sink, metrics }, assignment));
      consumptions.push(await bus.consume({ group, topics: [topic.audit], open }));
    }
  }
  return {
    async close() {
      for (const consumption of consumptions) await consumption.close();
      await publisher.close();
    },
  };
}
