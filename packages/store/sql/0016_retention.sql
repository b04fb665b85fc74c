-- Rows are kept for a time from when they were stored, whatever the clock of an agent says: how long is said by the
-- settings, and a part goes when all of its rows may go.
ALTER TABLE plumbline.otel_traces ADD COLUMN IF NOT EXISTS InsertedAt DateTime64(6, 'UTC') DEFAULT now64(6) COMMENT 'When this row was stored' CODEC(Delta(8), ZSTD(1));

ALTER TABLE plumbline.otel_traces_trace_id_ts ADD COLUMN IF NOT EXISTS InsertedAt DateTime64(6, 'UTC') DEFAULT now64(6) COMMENT 'When this row was stored' CODEC(Delta(8), ZSTD(1));

ALTER TABLE plumbline.otel_logs ADD COLUMN IF NOT EXISTS InsertedAt DateTime64(6, 'UTC') DEFAULT now64(6) COMMENT 'When this row was stored' CODEC(Delta(8), ZSTD(1));

ALTER TABLE plumbline.steps MODIFY SETTING ttl_only_drop_parts = 1;

ALTER TABLE plumbline.scores MODIFY SETTING ttl_only_drop_parts = 1;

ALTER TABLE plumbline.findings MODIFY SETTING ttl_only_drop_parts = 1;

ALTER TABLE plumbline.commands MODIFY SETTING ttl_only_drop_parts = 1;

ALTER TABLE plumbline.acks MODIFY SETTING ttl_only_drop_parts = 1;

ALTER TABLE plumbline.tool_calls_audit MODIFY SETTING ttl_only_drop_parts = 1;
