CREATE TABLE IF NOT EXISTS plumbline.commands (
    TenantId LowCardinality(String) COMMENT 'Tenant; empty is the default one',
    RunId String COMMENT 'Run that was commanded' CODEC(ZSTD(1)),
    CommandId String COMMENT 'Deterministic for the policy, random for people' CODEC(ZSTD(1)),
    Verb LowCardinality(String) COMMENT 'pause, resume, kill, nudge, limit, approve or deny',
    Reason LowCardinality(Nullable(String)) COMMENT 'Stop reason, null for verbs without one',
    IssuedBy LowCardinality(String) COMMENT 'policy:<detector>@<version> or user:<name>',
    IssuedAt DateTime64(9, 'UTC') COMMENT 'When it was issued; its month is the partition' CODEC(Delta(8), ZSTD(1)),
    FindingId Nullable(String) COMMENT 'Finding behind it, null when none' CODEC(ZSTD(1)),
    Message String COMMENT 'Why, for a person' CODEC(ZSTD(1)),
    Details String COMMENT 'What only the verb has, as JSON' CODEC(ZSTD(3)),
    AlteredFields Array(LowCardinality(String)) COMMENT 'Columns whose value had to be changed to be storable',
    InsertedAt DateTime64(6, 'UTC') DEFAULT now64(6) COMMENT 'When this row was stored' CODEC(Delta(8), ZSTD(1))
) ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(IssuedAt)
ORDER BY (TenantId, RunId, CommandId)
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000
COMMENT 'What people and the policy asked for. Read with FINAL';

CREATE TABLE IF NOT EXISTS plumbline.directives (
    TenantId LowCardinality(String) COMMENT 'Tenant; empty is the default one',
    RunId String COMMENT 'Run that it controls' CODEC(ZSTD(1)),
    Generation UInt64 COMMENT 'Only grows; the highest is in force' CODEC(ZSTD(1)),
    Desired LowCardinality(String) COMMENT 'running, paused or killed',
    Reason LowCardinality(Nullable(String)) COMMENT 'Stop reason, null while it should run',
    FindingId Nullable(String) COMMENT 'Finding behind it, null when none' CODEC(ZSTD(1)),
    Message String COMMENT 'Why, for a person' CODEC(ZSTD(1)),
    Nudges String COMMENT 'Pending nudges, as JSON' CODEC(ZSTD(3)),
    Limits String COMMENT 'Live limits, as JSON' CODEC(ZSTD(1)),
    Approvals String COMMENT 'Decisions by approval id, as JSON' CODEC(ZSTD(3)),
    IssuedAt DateTime64(9, 'UTC') COMMENT 'When the last command in it was issued' CODEC(Delta(8), ZSTD(1)),
    IssuedBy LowCardinality(String) COMMENT 'Who issued that command',
    AlteredFields Array(LowCardinality(String)) COMMENT 'Columns whose value had to be changed to be storable',
    InsertedAt DateTime64(6, 'UTC') DEFAULT now64(6) COMMENT 'When this row was stored' CODEC(Delta(8), ZSTD(1))
) ENGINE = ReplacingMergeTree
ORDER BY (TenantId, RunId, Generation)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Control documents of runs, every generation. Read with FINAL';

CREATE TABLE IF NOT EXISTS plumbline.acks (
    TenantId LowCardinality(String) COMMENT 'Tenant; empty is the default one',
    RunId String COMMENT 'Run that obeyed, or did not' CODEC(ZSTD(1)),
    AckId String COMMENT 'Deterministic, so that a repeated send is one ack' CODEC(ZSTD(1)),
    InstanceId String COMMENT 'Agent process' CODEC(ZSTD(1)),
    Generation UInt64 COMMENT 'Generation of the directive that it answers' CODEC(ZSTD(1)),
    Phase LowCardinality(String) COMMENT 'received, applied, rejected, expired or completed',
    SubjectKind LowCardinality(String) COMMENT 'directive, nudge or approval',
    SubjectId String COMMENT 'Nudge id or approval id, empty for the directive as a whole' CODEC(ZSTD(1)),
    Detail String COMMENT 'What the agent says about it' CODEC(ZSTD(1)),
    StepId Nullable(String) COMMENT 'Step at which it took effect, null when none' CODEC(ZSTD(1)),
    AckedAt DateTime64(9, 'UTC') COMMENT 'When, by the clock of the agent; its month is the partition' CODEC(Delta(8), ZSTD(1)),
    AlteredFields Array(LowCardinality(String)) COMMENT 'Columns whose value had to be changed to be storable',
    InsertedAt DateTime64(6, 'UTC') DEFAULT now64(6) COMMENT 'When this row was stored' CODEC(Delta(8), ZSTD(1))
) ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(AckedAt)
ORDER BY (TenantId, RunId, AckId)
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000
COMMENT 'What agents did with directives. Read with FINAL';
