CREATE TABLE IF NOT EXISTS plumbline.tool_calls_audit (
    TenantId LowCardinality(String) COMMENT 'Tenant; empty is the default one',
    RunId String COMMENT 'Run that made the call' CODEC(ZSTD(1)),
    ChainId String COMMENT 'Chain of one agent process and start of the run' CODEC(ZSTD(1)),
    Sequence UInt64 COMMENT 'Place in the chain, from 1 without gaps' CODEC(T64, ZSTD(1)),
    AgentName LowCardinality(String) COMMENT 'Agent that made the call',
    StepId String COMMENT 'Step of the run, empty when the call never became one' CODEC(ZSTD(1)),
    ToolName LowCardinality(String) COMMENT 'Tool that was asked for',
    Action String COMMENT 'What the call does, in words for a person, as the tool declares it' CODEC(ZSTD(1)),
    Risk LowCardinality(Nullable(String)) COMMENT 'safe, low, medium or high; null when the tool declares none',
    Reversible Nullable(Bool) COMMENT 'Whether it can be undone; null when the tool does not say',
    DataAccessed Array(LowCardinality(String)) COMMENT 'Kinds of data that the tool declares to read',
    AccessDeclared Bool COMMENT 'False when the tool declares nothing about what it reads',
    DataModified Array(LowCardinality(String)) COMMENT 'Kinds of data that the tool declares to change',
    ModificationDeclared Bool COMMENT 'False when the tool declares nothing about what it changes',
    AuthorisedBy String COMMENT 'Who or what let the call through' CODEC(ZSTD(1)),
    Outcome LowCardinality(String) COMMENT 'succeeded, failed, recalled, refused or interrupted',
    ErrorType LowCardinality(Nullable(String)) COMMENT 'Name of the error without its message, null when there was none',
    StartedAt DateTime64(9, 'UTC') COMMENT 'When the call was asked for, by the clock of the agent; its month is the partition' CODEC(Delta(8), ZSTD(1)),
    EndedAt DateTime64(9, 'UTC') COMMENT 'When it was over, by the clock of the agent' CODEC(Delta(8), ZSTD(1)),
    Previous String COMMENT 'Hash of the record before, empty for the first' CODEC(ZSTD(1)),
    ComplianceHash String COMMENT 'SHA-256 of this part' CODEC(ZSTD(1)),
    TechnicalHash String COMMENT 'SHA-256 of the part in audit_log; salted there, so that it gives no content away' CODEC(ZSTD(1)),
    Hash String COMMENT 'SHA-256 of run, chain, sequence, previous and both parts'' hashes' CODEC(ZSTD(1)),
    AlteredFields Array(LowCardinality(String)) COMMENT 'Columns whose value had to be changed to be storable',
    InsertedAt DateTime64(6, 'UTC') DEFAULT now64(6) COMMENT 'When this row was stored' CODEC(Delta(8), ZSTD(1))
) ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(StartedAt)
ORDER BY (TenantId, RunId, ChainId, Sequence, Hash)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'What agents did with tools, for auditors: no arguments, no results. Read with FINAL';

CREATE TABLE IF NOT EXISTS plumbline.audit_log (
    TenantId LowCardinality(String) COMMENT 'Tenant; empty is the default one',
    RunId String COMMENT 'Run that made the call' CODEC(ZSTD(1)),
    ChainId String COMMENT 'Chain of one agent process and start of the run' CODEC(ZSTD(1)),
    Sequence UInt64 COMMENT 'Place in the chain, from 1 without gaps' CODEC(T64, ZSTD(1)),
    CallId String COMMENT 'Id that the model gave the call' CODEC(ZSTD(1)),
    IdempotencyKey String COMMENT 'The same for the same call of the same run' CODEC(ZSTD(1)),
    Input Nullable(String) COMMENT 'Arguments as JSON text; null where no content may leave the agent' CODEC(ZSTD(3)),
    Output Nullable(String) COMMENT 'What the tool returned; null when it returned nothing or no content may leave the agent' CODEC(ZSTD(3)),
    Error Nullable(String) COMMENT 'What went wrong, null when nothing did' CODEC(ZSTD(3)),
    PerformedAt Nullable(DateTime64(9, 'UTC')) COMMENT 'When the tool itself was called, null when it was not' CODEC(ZSTD(1)),
    DurationMs UInt64 COMMENT 'From the asking to the end, in milliseconds' CODEC(T64, ZSTD(1)),
    Salt String COMMENT 'Random; without it the hash in tool_calls_audit could be guessed' CODEC(ZSTD(1)),
    Previous String COMMENT 'Hash of the record before, empty for the first' CODEC(ZSTD(1)),
    ComplianceHash String COMMENT 'SHA-256 of the part in tool_calls_audit' CODEC(ZSTD(1)),
    TechnicalHash String COMMENT 'SHA-256 of this part' CODEC(ZSTD(1)),
    Hash String COMMENT 'SHA-256 of run, chain, sequence, previous and both parts'' hashes' CODEC(ZSTD(1)),
    AlteredFields Array(LowCardinality(String)) COMMENT 'Columns whose value had to be changed to be storable',
    InsertedAt DateTime64(6, 'UTC') DEFAULT now64(6) COMMENT 'When this row was stored' CODEC(Delta(8), ZSTD(1))
) ENGINE = ReplacingMergeTree
ORDER BY (TenantId, RunId, ChainId, Sequence, Hash)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'What was passed to tools and what came back, for administrators. Read with FINAL';

CREATE TABLE IF NOT EXISTS plumbline.audit_heads (
    TenantId LowCardinality(String) COMMENT 'Tenant; empty is the default one',
    Ledger UInt32 COMMENT 'Partition of the bus whose records it countersigns' CODEC(T64, ZSTD(1)),
    Entry UInt64 COMMENT 'Place in the ledger, from 1 without gaps' CODEC(T64, ZSTD(1)),
    Payload String COMMENT 'JSON text that was signed: run, chain, sequence and hash of the record, hash of the entry before' CODEC(ZSTD(3)),
    KeyId LowCardinality(String) COMMENT 'Key that signed it',
    Signature String COMMENT 'Ed25519 over the payload, base64url' CODEC(ZSTD(1)),
    RunId String MATERIALIZED JSONExtractString(Payload, 'runId') COMMENT 'Run that the record is of' CODEC(ZSTD(1)),
    AlteredFields Array(LowCardinality(String)) COMMENT 'Columns whose value had to be changed to be storable',
    InsertedAt DateTime64(6, 'UTC') DEFAULT now64(6) COMMENT 'When this row was stored' CODEC(Delta(8), ZSTD(1))
) ENGINE = ReplacingMergeTree
ORDER BY (TenantId, Ledger, Entry)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Every audit record as the analyzer countersigned it, chained per ledger. Read with FINAL';
