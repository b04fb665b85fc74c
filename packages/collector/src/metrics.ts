import type { Meter } from "@opentelemetry/api";
import { PrometheusExporter, PrometheusSerializer } from "@opentelemetry/exporter-prometheus";
import { MeterProvider } from "@opentelemetry/sdk-metrics";

/** The metrics of one process: components get meters, a server answers `/metrics` with the text. */
export interface ProcessMetrics {
  meter(name: string): Meter;
  /** All metrics in the Prometheus text format. */
  scrape(): Promise<string>;
  close(): Promise<void>;
}

export const metricsContentType = "text/plain; version=0.0.4; charset=utf-8";

/** Metrics without a server of their own and without the global meter provider: an application's own stays untouched. */
export function createProcessMetrics(): ProcessMetrics {
  const reader = new PrometheusExporter({ preventServerStart: true });
  const provider = new MeterProvider({ readers: [reader] });
  const serializer = new PrometheusSerializer(undefined, false, undefined, true, true);
  return {
    meter: (name) => provider.getMeter(name),
    scrape: async () => serializer.serialize((await reader.collect()).resourceMetrics),
    close: () => provider.shutdown(),
  };
}
