export { plumbline } from "./telemetry.ts";
export type { PlumblineTelemetry, PlumblineTelemetryOptions } from "./telemetry.ts";
