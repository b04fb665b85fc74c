CREATE TABLE IF NOT EXISTS plumbline.scores (
    TenantId LowCardinality(String) COMMENT 'Tenant; empty is the default one',
    RunId String COMMENT 'Run that was scored' CODEC(ZSTD(1)),
    StepId String COMMENT 'Step that the score was computed at' CODEC(ZSTD(1)),
    Sequence UInt64 COMMENT 'Position of the step in the run' CODEC(T64, ZSTD(1)),
    Name LowCardinality(String) COMMENT 'progress or one of its parts',
    Value Float64 COMMENT 'Score from 0 to 1' CODEC(ZSTD(1)),
    ScoredAt DateTime64(9, 'UTC') COMMENT 'Event time of the step' CODEC(Delta(8), ZSTD(1)),
    Revision UInt64 COMMENT 'Version of the row; the highest counts' CODEC(ZSTD(1)),
    AlteredFields Array(LowCardinality(String)) COMMENT 'Columns whose value had to be changed to be storable',
    InsertedAt DateTime64(6, 'UTC') DEFAULT now64(6) COMMENT 'When this row was stored' CODEC(Delta(8), ZSTD(1)),
    INDEX idx_inserted_at InsertedAt TYPE minmax GRANULARITY 1
) ENGINE = ReplacingMergeTree(Revision)
PARTITION BY toYYYYMM(ScoredAt)
ORDER BY (TenantId, RunId, StepId, Name)
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000
COMMENT 'Progress of runs, step by step. Read with FINAL';
