import type { Lack } from "./settings-by-dialect.ts";

/** One thing that the telemetry of an agent lacks, and the setting that mends it. */
export interface TelemetryLack {
  lack: Lack;
  /** What was seen, in figures. */
  seen: string;
  mend: string;
}
