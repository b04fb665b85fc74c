export type { CheckedPart } from "./api/status-routes.ts";
export { createConsole } from "./console.ts";
export type { Console, ConsoleOptions } from "./console.ts";
export type { MetricsSource } from "./console-metrics.ts";
export type { Logger } from "./logger.ts";
export { consoleSettingsSchema } from "./settings.ts";
export type { ConsoleConfig, ConsoleSettings } from "./settings.ts";
