CREATE TABLE IF NOT EXISTS plumbline.findings (
    TenantId LowCardinality(String) COMMENT 'Tenant; empty is the default one',
    FindingId String COMMENT 'One episode of one run, one id' CODEC(ZSTD(1)),
    RunId String COMMENT 'Run that it is about' CODEC(ZSTD(1)),
    Kind LowCardinality(String) COMMENT 'Detector that raised it, such as exact-loop',
    DetectorVersion LowCardinality(String) COMMENT 'Version of the detector',
    Confidence Float64 COMMENT 'Confidence from 0 to 1' CODEC(ZSTD(1)),
    StopReason LowCardinality(Nullable(String)) COMMENT 'Stop reason that it leads to, null when it never stops a run',
    Summary String COMMENT 'One sentence for a person' CODEC(ZSTD(1)),
    RuledOut String COMMENT 'Why this is none of the legitimate forms that look alike' CODEC(ZSTD(1)),
    FirstSequence UInt64 COMMENT 'First step of the episode' CODEC(T64, ZSTD(1)),
    AtSequence UInt64 COMMENT 'Step at which it was raised' CODEC(T64, ZSTD(1)),
    LastProgressSequence UInt64 COMMENT 'Last step that brought something new' CODEC(T64, ZSTD(1)),
    CostSinceProgressMicroUsd Float64 COMMENT 'Cost since then, in millionths of a US dollar' CODEC(ZSTD(1)),
    Evidence String COMMENT 'Steps that prove it, shortened, as JSON' CODEC(ZSTD(3)),
    EvidenceStepIds Array(String) COMMENT 'Ids of those steps' CODEC(ZSTD(1)),
    Intervention LowCardinality(String) COMMENT 'What the policy made of it: observe, nudge, pause or kill',
    Enforced Bool COMMENT 'False when the profile only says what it would have done',
    Profile LowCardinality(String) COMMENT 'Profile of the policy',
    TraceId String COMMENT 'Trace of the deciding step' CODEC(ZSTD(1)),
    SpanId String COMMENT 'Span of the deciding step' CODEC(ZSTD(1)),
    FirstAt DateTime64(9, 'UTC') COMMENT 'Event time of the deciding step; never changes, its month is the partition' CODEC(Delta(8), ZSTD(1)),
    RaisedAt DateTime64(9, 'UTC') COMMENT 'When the analyzer raised it' CODEC(Delta(8), ZSTD(1)),
    Revision UInt64 COMMENT 'Version of the row; the highest counts' CODEC(ZSTD(1)),
    AlteredFields Array(LowCardinality(String)) COMMENT 'Columns whose value had to be changed to be storable',
    InsertedAt DateTime64(6, 'UTC') DEFAULT now64(6) COMMENT 'When this row was stored' CODEC(Delta(8), ZSTD(1)),
    INDEX idx_run_id RunId TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX idx_inserted_at InsertedAt TYPE minmax GRANULARITY 1
) ENGINE = ReplacingMergeTree(Revision)
PARTITION BY toYYYYMM(FirstAt)
ORDER BY (TenantId, FindingId)
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000
COMMENT 'Verdicts of the detectors with their evidence. Read with FINAL';

CREATE TABLE IF NOT EXISTS plumbline.feedback (
    TenantId LowCardinality(String) COMMENT 'Tenant; empty is the default one',
    FindingId String COMMENT 'Finding that it is about' CODEC(ZSTD(1)),
    RunId String COMMENT 'Run of the finding' CODEC(ZSTD(1)),
    Verdict LowCardinality(String) COMMENT 'right or false-alarm',
    GivenBy String COMMENT 'Who said it' CODEC(ZSTD(1)),
    Comment String COMMENT 'In their own words' CODEC(ZSTD(1)),
    GivenAt DateTime64(9, 'UTC') COMMENT 'When it was said; the latest of a person counts' CODEC(Delta(8), ZSTD(1)),
    AlteredFields Array(LowCardinality(String)) COMMENT 'Columns whose value had to be changed to be storable',
    InsertedAt DateTime64(6, 'UTC') DEFAULT now64(6) COMMENT 'When this row was stored' CODEC(Delta(8), ZSTD(1))
) ENGINE = ReplacingMergeTree(GivenAt)
ORDER BY (TenantId, FindingId, GivenBy)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'What people said of findings. Read with FINAL';
