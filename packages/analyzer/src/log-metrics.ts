import { metrics as metricsApi, type Meter } from "@opentelemetry/api";
import type { Bus } from "@plumbline/bus";
import { messageOf, topic, type Clock } from "@plumbline/contracts";
import type { Logger } from "pino";
import { deadLetterOf, type AnalyzerMetrics } from "./metrics.ts";

const quietMs = 60_000;

/** Logs the first of a kind, then at most one a minute with the count of those in between. */
function createThrottledLog(logger: Logger, clock: Clock): (kind: string, detail: string) => void {
  const kinds = new Map<string, { loggedAtMs: number; suppressed: number }>();
  return (kind, detail) => {
    const nowMs = clock.nowMs();
    const last = kinds.get(kind);
    if (last !== undefined && nowMs - last.loggedAtMs < quietMs) {
      last.suppressed += 1;
      return;
    }
    logger.warn({ kind, suppressed: last?.suppressed ?? 0 }, detail);
    kinds.set(kind, { loggedAtMs: nowMs, suppressed: 0 });
  };
}

export interface CountingMetricsOptions {
  bus: Bus;
  clock: Clock;
  logger: Logger;
  meter?: Meter;
}

function createCounters(meter: Meter) {
  return {
    rejectedRecords: meter.createCounter("plumbline.records.rejected", {
      description: "Records that could not be read",
    }),
    rejectedRows: meter.createCounter("plumbline.rows.rejected", {
      description: "Rows that the store refused",
    }),
    retries: meter.createCounter("plumbline.store.retries", {
      description: "Inserts and commits tried again",
    }),
    duplicates: meter.createCounter("plumbline.observations.duplicates", {
      description: "Observations seen before",
    }),
    refused: meter.createCounter("plumbline.observations.refused", {
      description: "Observations whose sender does not own the run",
    }),
    notShown: meter.createCounter("plumbline.findings.not_shown", {
      description: "Findings that the trace viewer did not take",
    }),
    compared: meter.createCounter("plumbline.comparisons", {
      description:
        "Requests compared with earlier ones, by the means: embedded, lexical, or degraded to words",
    }),
    ingested: meter.createCounter("plumbline.ingested", {
      description: "Records, spans, logs and observations ingested",
    }),
  };
}

/** Counts as OpenTelemetry metrics, writes unreadable records to the dead letters, logs sparingly. */
export function createCountingMetrics(options: CountingMetricsOptions): AnalyzerMetrics {
  const { bus, clock, logger, meter = metricsApi.getMeter("plumbline.analyzer") } = options;
  const log = createThrottledLog(logger, clock);
  const counters = createCounters(meter);
  const { rejectedRecords, rejectedRows, retries, duplicates, refused, notShown, compared, ingested } =
    counters;

  return {
    recordRejected(record, reason) {
      rejectedRecords.add(1, { topic: record.topic });
      log(
        "record",
        `${record.topic}/${String(record.partition)}@${String(record.offset)} went to the dead letters: ${reason}`,
      );
      const value = new TextEncoder().encode(JSON.stringify(deadLetterOf(record, reason)));
      bus
        .publish(topic.deadLetter, [{ key: null, value }])
        .catch((error: unknown) => log("dead-letter", messageOf(error)));
    },
    rowsRejected(table, rejected) {
      rejectedRows.add(rejected.length, { table });
      log(
        `rows:${table}`,
        `${String(rejected.length)} rows of ${table} were refused, the first: ${rejected[0]?.reason ?? ""}`,
      );
    },
    storeRetried(error) {
      retries.add(1);
      log("store", messageOf(error));
    },
    duplicateDropped: () => duplicates.add(1),
    observationsRefused(all) {
      const first = all[0];
      if (first === undefined) return;
      refused.add(all.length);
      const { runId, owner, sender } = first;
      log("refused", `Run ${runId} belongs to "${owner}"; what "${sender}" sent of it was left out.`);
    },
    findingsNotShown(count, reason) {
      notShown.add(count);
      log("findings", `${String(count)} findings are not shown to trace viewers: ${reason}`);
    },
    compared: (means) => compared.add(1, { means }),
    snapshotUnreadable: (key, reason) =>
      log("snapshot", `The snapshot of ${key} can't be read, its run begins anew: ${reason}`),
    ingested(counts) {
      for (const [what, count] of Object.entries(counts)) if (count > 0) ingested.add(count, { what });
    },
  };
}
