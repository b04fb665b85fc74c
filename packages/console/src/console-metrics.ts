import { type Meter, createNoopMeter } from "@opentelemetry/api";

/** The metrics of the process, as far as the console needs them. */
export interface MetricsSource {
  meter(name: string): Meter;
  /** All metrics in the Prometheus text format. */
  scrape(): Promise<string>;
}

export const noMetrics: MetricsSource = { meter: createNoopMeter, scrape: () => Promise.resolve("") };

/** What the console counts. */
export interface ConsoleMetrics {
  answered(request: { method: string; route: string; status: number }): void;
}

export function createConsoleMetrics(meter: Meter): ConsoleMetrics {
  const requests = meter.createCounter("plumbline_console_requests", {
    description: "Operator API requests",
  });
  return { answered: ({ method, route, status }) => requests.add(1, { method, route, status }) };
}
