CREATE TABLE IF NOT EXISTS plumbline.approvals (
    TenantId LowCardinality(String) COMMENT 'Tenant; empty is the default one',
    RunId String COMMENT 'Run that asks' CODEC(ZSTD(1)),
    ApprovalId String COMMENT 'Id that the decision names' CODEC(ZSTD(1)),
    StepId String COMMENT 'Step that waits' CODEC(ZSTD(1)),
    ToolName LowCardinality(String) COMMENT 'Tool that would be called',
    Arguments String COMMENT 'Arguments as JSON text, redacted' CODEC(ZSTD(3)),
    ArgsHash String COMMENT 'A decision holds for exactly these arguments' CODEC(ZSTD(1)),
    Reasoning String COMMENT 'Why the agent wants it' CODEC(ZSTD(3)),
    ExpectedOutcome String COMMENT 'What the agent expects of it' CODEC(ZSTD(3)),
    Risk LowCardinality(String) COMMENT 'safe, low, medium or high',
    Reversible Bool COMMENT 'Whether it can be undone',
    DefaultDecision LowCardinality(String) COMMENT 'What happens when nobody answers: approve or deny',
    RequestedAt DateTime64(9, 'UTC') COMMENT 'When it was asked' CODEC(Delta(8), ZSTD(1)),
    ExpiresAt DateTime64(9, 'UTC') COMMENT 'Until when an answer counts' CODEC(Delta(8), ZSTD(1)),
    AlteredFields Array(LowCardinality(String)) COMMENT 'Columns whose value had to be changed to be storable',
    InsertedAt DateTime64(6, 'UTC') DEFAULT now64(6) COMMENT 'When this row was stored' CODEC(Delta(8), ZSTD(1))
) ENGINE = ReplacingMergeTree
ORDER BY (TenantId, RunId, ApprovalId)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Actions that agents asked a person about; the answers are commands. Read with FINAL';
