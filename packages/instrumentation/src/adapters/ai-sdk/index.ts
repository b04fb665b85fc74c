export { instrumentModel } from "./instrument-model.ts";
export { instrumentTools } from "./instrument-tools.ts";
export { plumbline } from "./telemetry.ts";
export type { PlumblineTelemetry, PlumblineTelemetryOptions } from "./telemetry.ts";
