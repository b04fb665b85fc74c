export { createCollector } from "./collector.ts";
export type { Collector, CollectorOptions } from "./collector.ts";
export type { Logger } from "./logger.ts";
export { createProcessMetrics, metricsContentType } from "./metrics.ts";
export type { ProcessMetrics } from "./metrics.ts";
export { collectorSettingsSchema } from "./settings.ts";
export type { CollectorConfig, CollectorSettings } from "./settings.ts";
