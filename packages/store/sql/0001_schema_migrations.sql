CREATE DATABASE IF NOT EXISTS plumbline COMMENT 'What Plumbline saw, concluded and did';

CREATE TABLE IF NOT EXISTS plumbline.schema_migrations (
    Version UInt32 COMMENT 'Number at the start of the migration file name',
    Name String COMMENT 'Migration file name',
    Checksum FixedString(64) COMMENT 'SHA-256 of the file as it was applied, in hex',
    AppliedAt DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When it was applied'
) ENGINE = ReplacingMergeTree
ORDER BY Version
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'Which migrations this database has; a file that changed after it was applied is refused';
