export { createDirectiveSigner } from "./act/signer.ts";
export type { DirectiveSigner } from "./act/signer.ts";
export { openKeyStore } from "./act/key-store.ts";
export { createCountingMetrics } from "./log-metrics.ts";
export type { CountingMetricsOptions } from "./log-metrics.ts";
export type { AnalyzerMetrics } from "./metrics.ts";
export { startAnalyzer } from "./pipeline.ts";
export type { Analyzer, AnalyzerOptions } from "./pipeline.ts";
