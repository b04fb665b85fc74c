export { createDirectiveSigner } from "./act/signer.ts";
export type { DirectiveSigner } from "./act/signer.ts";
export { openKeyStore } from "./act/key-store.ts";
export type { AuditSettings } from "./audit/start-audit.ts";
export { asIfGated } from "./backtest/as-if-gated.ts";
export { Backtest } from "./backtest/backtest.ts";
export type { BacktestCounts, BacktestSnapshot, BacktestTelemetry } from "./backtest/backtest.ts";
export { costAfterHold, hasCompleted, stepsAfterHold } from "./backtest/backtested-run.ts";
export type { BacktestedMoment, BacktestedRun } from "./backtest/backtested-run.ts";
export { summariseBacktest } from "./backtest/summarise-backtest.ts";
export type {
  AgentTotals,
  BacktestSummary,
  BacktestTotals,
  DetectorTotals,
} from "./backtest/summarise-backtest.ts";
export { createCountingMetrics } from "./log-metrics.ts";
export type { CountingMetricsOptions } from "./log-metrics.ts";
export type { AnalyzerMetrics } from "./metrics.ts";
export { startAnalyzer } from "./pipeline.ts";
export type { Analyzer, AnalyzerOptions } from "./pipeline.ts";
export { anonymousTelemetryModes } from "./runs/ownership.ts";
export { dialectsPage } from "./ingest/recognise/dialects-page.ts";
export { normaliseTelemetry } from "./normalise/normalise-telemetry.ts";
export type { NormalisedTelemetry, NormaliseOptions } from "./normalise/normalise-telemetry.ts";
export type { NormalisedRun, NormalisedStep } from "./normalise/normalised-run.ts";
export { readTelemetryFile } from "./normalise/read-telemetry-file.ts";
export type { TelemetryFile } from "./normalise/read-telemetry-file.ts";
export { checkTelemetry } from "./telemetry-check/check-telemetry.ts";
export { judgeLive } from "./telemetry-check/judge-live.ts";
export type { LiveCheck } from "./telemetry-check/judge-live.ts";
export type { TelemetryCheck } from "./telemetry-check/check-telemetry.ts";
export type { TelemetryLack } from "./telemetry-check/telemetry-lack.ts";
export type { Lack } from "./telemetry-check/settings-by-dialect.ts";
export type { JudgeOptions } from "./judge/judges.ts";
export { createModelJudge } from "./judge/model-judge.ts";
export { createOpenAiEmbedder } from "./embed/openai-embedder.ts";
export type { OpenAiEmbedderOptions } from "./embed/openai-embedder.ts";
export { TextComparer } from "./embed/text-comparer.ts";
export type { ModelForComparison, OpenModel } from "./embed/text-comparer.ts";
