import type { Meter } from "@opentelemetry/api";
import type { Signal } from "./receive/signal.ts";

export type SignalName = Signal["name"] | "metrics" | "control" | "other";
export type Transport = "http" | "grpc";

/** What the collector counts. */
export interface CollectorMetrics {
  /** A request was answered; `status` is the HTTP status or the gRPC code. */
  answered(request: { transport: Transport; signal: SignalName; status: number }): void;
  /** Spans or log records that the bus has durably. */
  accepted(signal: Signal["name"], items: number): void;
  /** Spans or log records that were refused, and why. */
  rejected(signal: Signal["name"], code: string, items: number): void;
  /** A record of the control state that the gateway could not read. */
  directiveUnreadable(): void;
  streamsOpen(change: 1 | -1): void;
  /** A stream was closed because its client took nothing. */
  slowClientClosed(): void;
}

export function createCollectorMetrics(meter: Meter): CollectorMetrics {
  const requests = meter.createCounter("plumbline_collector_requests", { description: "Requests answered" });
  const accepted = meter.createCounter("plumbline_collector_items_accepted", {
    description: "Spans and log records that are durable on the bus",
  });
  const rejected = meter.createCounter("plumbline_collector_items_rejected", {
    description: "Spans and log records refused, by reason",
  });
  const unreadable = meter.createCounter("plumbline_gateway_directives_unreadable", {
    description: "Records of the control state that could not be read",
  });
  const streams = meter.createUpDownCounter("plumbline_gateway_streams", {
    description: "Control streams open",
  });
  const slow = meter.createCounter("plumbline_gateway_slow_clients_closed", {
    description: "Control streams closed because their client took nothing",
  });
  return {
    answered: ({ transport, signal, status }) => requests.add(1, { transport, signal, status }),
    accepted: (signal, items) => accepted.add(items, { signal }),
    rejected: (signal, code, items) => rejected.add(items, { signal, code }),
    directiveUnreadable: () => unreadable.add(1),
    streamsOpen: (change) => streams.add(change),
    slowClientClosed: () => slow.add(1),
  };
}
