CREATE TABLE IF NOT EXISTS plumbline.otel_traces (
    Timestamp DateTime64(9) COMMENT 'Start of the span' CODEC(Delta(8), ZSTD(1)),
    TraceId String COMMENT 'Trace id, 32 lower-case hex digits' CODEC(ZSTD(1)),
    SpanId String COMMENT 'Span id, 16 lower-case hex digits' CODEC(ZSTD(1)),
    ParentSpanId String COMMENT 'Span id of the parent, empty for a root span' CODEC(ZSTD(1)),
    TraceState String COMMENT 'W3C trace state' CODEC(ZSTD(1)),
    SpanName LowCardinality(String) COMMENT 'Name of the span' CODEC(ZSTD(1)),
    SpanKind LowCardinality(String) COMMENT 'Unspecified, Internal, Server, Client, Producer or Consumer' CODEC(ZSTD(1)),
    ServiceName LowCardinality(String) COMMENT 'Resource attribute service.name' CODEC(ZSTD(1)),
    ResourceAttributes Map(LowCardinality(String), String) COMMENT 'Resource attributes as text' CODEC(ZSTD(1)),
    ScopeName String COMMENT 'Name of the instrumentation scope' CODEC(ZSTD(1)),
    ScopeVersion String COMMENT 'Version of the instrumentation scope' CODEC(ZSTD(1)),
    SpanAttributes Map(LowCardinality(String), String) COMMENT 'Span attributes as text; lists and objects as JSON, bytes as base64' CODEC(ZSTD(1)),
    Duration UInt64 COMMENT 'Duration in nanoseconds; 0 when the span ended before it began' CODEC(T64, ZSTD(1)),
    StatusCode LowCardinality(String) COMMENT 'Unset, Ok or Error' CODEC(ZSTD(1)),
    StatusMessage String COMMENT 'Message of the status' CODEC(ZSTD(1)),
    `Events.Timestamp` Array(DateTime64(9)) COMMENT 'Times of the span events' CODEC(ZSTD(1)),
    `Events.Name` Array(LowCardinality(String)) COMMENT 'Names of the span events' CODEC(ZSTD(1)),
    `Events.Attributes` Array(Map(LowCardinality(String), String)) COMMENT 'Attributes of the span events as text' CODEC(ZSTD(1)),
    `Links.TraceId` Array(String) COMMENT 'Trace ids of the links' CODEC(ZSTD(1)),
    `Links.SpanId` Array(String) COMMENT 'Span ids of the links' CODEC(ZSTD(1)),
    `Links.TraceState` Array(String) COMMENT 'Trace states of the links' CODEC(ZSTD(1)),
    `Links.Attributes` Array(Map(LowCardinality(String), String)) COMMENT 'Attributes of the links as text' CODEC(ZSTD(1)),
    TenantId LowCardinality(String) DEFAULT '' COMMENT 'Tenant of the token that sent the span; empty is the default tenant',
    RunId String DEFAULT SpanAttributes['plumbline.run.id'] COMMENT 'Run that the span was recognised to belong to; empty when none' CODEC(ZSTD(1)),
    AlteredFields Array(LowCardinality(String)) DEFAULT [] COMMENT 'Columns whose value had to be changed to be storable',
    GenAiOperation LowCardinality(String) MATERIALIZED SpanAttributes['gen_ai.operation.name'] COMMENT 'GenAI operation, such as chat or execute_tool',
    GenAiModel LowCardinality(String) MATERIALIZED if(SpanAttributes['gen_ai.response.model'] != '', SpanAttributes['gen_ai.response.model'], SpanAttributes['gen_ai.request.model']) COMMENT 'Model that answered, else the model that was asked',
    GenAiTool LowCardinality(String) MATERIALIZED SpanAttributes['gen_ai.tool.name'] COMMENT 'Tool name',
    GenAiInputTokens UInt32 MATERIALIZED toUInt32OrZero(SpanAttributes['gen_ai.usage.input_tokens']) COMMENT 'Prompt tokens as the emitter reported them' CODEC(T64, ZSTD(1)),
    GenAiOutputTokens UInt32 MATERIALIZED toUInt32OrZero(SpanAttributes['gen_ai.usage.output_tokens']) COMMENT 'Completion tokens as the emitter reported them' CODEC(T64, ZSTD(1)),
    INDEX idx_trace_id TraceId TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX idx_run_id RunId TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX idx_res_attr_key mapKeys(ResourceAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX idx_res_attr_value mapValues(ResourceAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX idx_span_attr_key mapKeys(SpanAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX idx_span_attr_value mapValues(SpanAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX idx_duration Duration TYPE minmax GRANULARITY 1
) ENGINE = MergeTree
PARTITION BY toDate(Timestamp)
PRIMARY KEY (ServiceName, SpanName, toDateTime(Timestamp))
ORDER BY (ServiceName, SpanName, toDateTime(Timestamp), Timestamp)
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000
COMMENT 'Spans, with the columns of the OpenTelemetry ClickHouse exporter and ours after them';

CREATE TABLE IF NOT EXISTS plumbline.otel_traces_trace_id_ts (
    TraceId String COMMENT 'Trace id' CODEC(ZSTD(1)),
    Start DateTime COMMENT 'Start of the earliest span of one insert' CODEC(Delta(4), ZSTD(1)),
    End DateTime COMMENT 'Start of the latest span of one insert' CODEC(Delta(4), ZSTD(1)),
    INDEX idx_trace_id TraceId TYPE bloom_filter(0.01) GRANULARITY 1
) ENGINE = MergeTree
PARTITION BY toDate(Start)
ORDER BY (TraceId, Start)
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000
COMMENT 'When the spans of a trace are, so that a look-up by trace id reads few parts; several rows per trace';

CREATE MATERIALIZED VIEW IF NOT EXISTS plumbline.otel_traces_trace_id_ts_mv TO plumbline.otel_traces_trace_id_ts (
    TraceId String COMMENT 'Trace id',
    Start DateTime COMMENT 'Start of the earliest span of one insert',
    End DateTime COMMENT 'Start of the latest span of one insert'
) AS
SELECT TraceId, toDateTime(min(Timestamp)) AS Start, toDateTime(max(Timestamp)) AS End
FROM plumbline.otel_traces
WHERE TraceId != ''
GROUP BY TraceId
COMMENT 'Fills otel_traces_trace_id_ts';
