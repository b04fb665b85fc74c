import type { BacktestTelemetry } from "@plumbline/analyzer";

/** A piece of a source that is read to its end or read again. */
export interface TelemetryUnit {
  /** Tells it from the other units of its source, also in a later process. */
  name: string;
  /** Its telemetry, as much at a time as memory holds; a text is a reason why something of it was left out. */
  read(): AsyncIterable<BacktestTelemetry | string>;
}

/** Recorded telemetry, oldest unit first. */
export interface TelemetrySource {
  /** Without passwords. */
  label: string;
  units(): Promise<TelemetryUnit[]>;
  close(): Promise<void>;
}
