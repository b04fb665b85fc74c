CREATE TABLE IF NOT EXISTS plumbline.otel_logs (
    Timestamp DateTime64(9) COMMENT 'Time of the record; the observed time when it has none of its own' CODEC(Delta(8), ZSTD(1)),
    TimestampTime DateTime DEFAULT toDateTime(Timestamp) COMMENT 'Timestamp in whole seconds',
    TraceId String COMMENT 'Trace id, empty when none' CODEC(ZSTD(1)),
    SpanId String COMMENT 'Span id, empty when none' CODEC(ZSTD(1)),
    TraceFlags UInt8 COMMENT 'W3C trace flags',
    SeverityText LowCardinality(String) COMMENT 'Severity as the emitter named it' CODEC(ZSTD(1)),
    SeverityNumber UInt8 COMMENT 'Severity number of OpenTelemetry, 0 when none',
    ServiceName LowCardinality(String) COMMENT 'Resource attribute service.name' CODEC(ZSTD(1)),
    Body String COMMENT 'Body as text; lists and objects as JSON' CODEC(ZSTD(1)),
    ResourceSchemaUrl LowCardinality(String) COMMENT 'Schema URL of the resource' CODEC(ZSTD(1)),
    ResourceAttributes Map(LowCardinality(String), String) COMMENT 'Resource attributes as text' CODEC(ZSTD(1)),
    ScopeSchemaUrl LowCardinality(String) COMMENT 'Schema URL of the scope' CODEC(ZSTD(1)),
    ScopeName String COMMENT 'Name of the instrumentation scope' CODEC(ZSTD(1)),
    ScopeVersion LowCardinality(String) COMMENT 'Version of the instrumentation scope' CODEC(ZSTD(1)),
    ScopeAttributes Map(LowCardinality(String), String) COMMENT 'Attributes of the scope as text' CODEC(ZSTD(1)),
    LogAttributes Map(LowCardinality(String), String) COMMENT 'Attributes of the record as text' CODEC(ZSTD(1)),
    EventName String COMMENT 'Name of the event, empty for a plain log record' CODEC(ZSTD(1)),
    TenantId LowCardinality(String) DEFAULT '' COMMENT 'Tenant of the token that sent the record; empty is the default tenant',
    RunId String DEFAULT LogAttributes['plumbline.run.id'] COMMENT 'Run that the record was recognised to belong to; empty when none' CODEC(ZSTD(1)),
    AlteredFields Array(LowCardinality(String)) DEFAULT [] COMMENT 'Columns whose value had to be changed to be storable',
    INDEX idx_trace_id TraceId TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX idx_run_id RunId TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX idx_res_attr_key mapKeys(ResourceAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX idx_res_attr_value mapValues(ResourceAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX idx_scope_attr_key mapKeys(ScopeAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX idx_scope_attr_value mapValues(ScopeAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX idx_log_attr_key mapKeys(LogAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX idx_log_attr_value mapValues(LogAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX idx_body Body TYPE tokenbf_v1(32768, 3, 0) GRANULARITY 8
) ENGINE = MergeTree
PARTITION BY toDate(TimestampTime)
PRIMARY KEY (ServiceName, TimestampTime)
ORDER BY (ServiceName, TimestampTime, Timestamp)
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000
COMMENT 'Log records, with the columns of the OpenTelemetry ClickHouse exporter and ours after them';
