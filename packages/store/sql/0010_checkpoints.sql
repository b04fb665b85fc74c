CREATE TABLE IF NOT EXISTS plumbline.checkpoints (
    TenantId LowCardinality(String) COMMENT 'Tenant; empty is the default one',
    RunId String COMMENT 'Run' CODEC(ZSTD(1)),
    CheckpointId String COMMENT 'Checkpoint' CODEC(ZSTD(1)),
    Sequence UInt64 COMMENT 'Step of the run' CODEC(T64, ZSTD(1)),
    Phase LowCardinality(String) COMMENT 'saved, action-started, action-done or cleared',
    StepId String COMMENT 'Step' CODEC(ZSTD(1)),
    ToolName LowCardinality(Nullable(String)) COMMENT 'Tool that is about to be called, null for a plain state checkpoint',
    Arguments Nullable(String) COMMENT 'Arguments as JSON text, redacted; null for a plain state checkpoint' CODEC(ZSTD(3)),
    IdempotencyKey Nullable(String) COMMENT 'Key under which the action may be repeated, null when none' CODEC(ZSTD(1)),
    Label String COMMENT 'Name that the agent gave it' CODEC(ZSTD(1)),
    StateBytes UInt64 COMMENT 'Size of the saved state in bytes' CODEC(T64, ZSTD(1)),
    StateHash String COMMENT 'Hash of the saved state' CODEC(ZSTD(1)),
    WrittenAt DateTime64(9, 'UTC') COMMENT 'When, by the clock of the agent' CODEC(Delta(8), ZSTD(1)),
    AlteredFields Array(LowCardinality(String)) COMMENT 'Columns whose value had to be changed to be storable',
    InsertedAt DateTime64(6, 'UTC') DEFAULT now64(6) COMMENT 'When this row was stored' CODEC(Delta(8), ZSTD(1))
) ENGINE = ReplacingMergeTree
ORDER BY (TenantId, RunId, CheckpointId, Phase)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'What was about to happen before each external action, phase by phase. Read with FINAL';
