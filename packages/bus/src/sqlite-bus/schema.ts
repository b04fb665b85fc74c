/** "PLBU": tells our files from other SQLite files. */
export const applicationId = 0x504c4255;
export const schemaVersion = 1;

/** A record's id is its partition's id times this, plus its offset: one B-tree, in offset order, appended to at as many places as there are partitions. */
export const offsetsPerPartition = 2 ** 40;

export const schema = `
CREATE TABLE topics (
  topic_id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  partitions INTEGER NOT NULL,
  cleanup TEXT NOT NULL,
  retention_ms INTEGER
) STRICT;
CREATE TABLE partitions (
  partition_id INTEGER PRIMARY KEY,
  topic_id INTEGER NOT NULL REFERENCES topics,
  number INTEGER NOT NULL,
  next_offset INTEGER NOT NULL,
  appended_bytes INTEGER NOT NULL,
  UNIQUE (topic_id, number)
) STRICT;
CREATE TABLE records (
  record_id INTEGER PRIMARY KEY,
  timestamp_ms INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  bytes_before INTEGER NOT NULL,
  is_removal INTEGER NOT NULL,
  record_key TEXT,
  headers TEXT,
  value BLOB NOT NULL
) STRICT;
CREATE INDEX removals ON records (record_id, timestamp_ms) WHERE is_removal = 1;
CREATE TABLE last_of_key (
  partition_id INTEGER NOT NULL,
  record_key TEXT NOT NULL,
  record_id INTEGER NOT NULL,
  PRIMARY KEY (partition_id, record_key)
) WITHOUT ROWID, STRICT;
CREATE TABLE commits (
  group_name TEXT NOT NULL,
  topic TEXT NOT NULL,
  partition INTEGER NOT NULL,
  next_offset INTEGER NOT NULL,
  metadata TEXT NOT NULL,
  committed_at_ms INTEGER NOT NULL,
  PRIMARY KEY (group_name, topic, partition)
) WITHOUT ROWID, STRICT;
CREATE TABLE probe (probe_id INTEGER PRIMARY KEY, count INTEGER NOT NULL) STRICT;
INSERT INTO probe VALUES (1, 0);
`;
