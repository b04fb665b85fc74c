import type { Assignment, Batch, PartitionWorker, ReceivedRecord } from "@plumbline/bus";
import type { StoredCompliance, StoredTechnical } from "@plumbline/contracts";
import type { AnalyzerMetrics } from "../metrics.ts";
import { readAudit } from "./audit-log.ts";
import type { AuditSink } from "./sink.ts";

export type AuditPart = "compliance" | "technical";

/** Each sink reads the log by itself: one that is down holds up neither the tables nor another one, and misses nothing. */
export const sinkGroup = (part: AuditPart, sink: AuditSink): string => `plumbline.audit.${part}.${sink.id}`;

export interface SinkWorkerOptions {
  part: AuditPart;
  sink: AuditSink;
  metrics: AnalyzerMetrics;
}

class SinkWorker implements PartitionWorker {
  readonly #options: SinkWorkerOptions;
  readonly #assignment: Assignment;

  constructor(options: SinkWorkerOptions, assignment: Assignment) {
    this.#options = options;
    this.#assignment = assignment;
  }

  async onBatch(batch: Batch): Promise<void> {
    const lines = batch.records.flatMap((record) => this.#lineOf(record));
    try {
      if (lines.length > 0) await this.#options.sink.deliver(lines);
    } catch (error) {
      this.#options.metrics.storeRetried(error);
      throw error;
    }
    const offset = (batch.records.at(-1)?.offset ?? 0) + 1;
    await this.#assignment.commit(batch.topic, { offset, metadata: "" });
  }

  async close(): Promise<void> {
    // Nothing is held back: what was not delivered is read again.
  }

  /** None for a record that can't be read; the audit worker has told of it. */
  #lineOf(record: ReceivedRecord): string[] {
    try {
      const { tenantId, record: audit } = readAudit(record);
      const { link, compliance, technical } = audit;
      const stored: StoredCompliance | StoredTechnical =
        this.#options.part === "compliance" ? { tenantId, link, compliance } : { tenantId, link, technical };
      return [JSON.stringify(stored)];
    } catch {
      return [];
    }
  }
}

/** One part of every audit record to one place outside. */
export function openSinkWorker(options: SinkWorkerOptions, assignment: Assignment): PartitionWorker {
  return new SinkWorker(options, assignment);
}
