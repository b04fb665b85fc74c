/** Largest record that every adapter takes: key, value and headers together (Kafka's `max.message.bytes` is set to 8 MiB). */
export const maxRecordBytes = 8 * 1024 * 1024 - 64 * 1024;
/** Longest note in a {@link Commit}, in UTF-8 bytes. */
export const maxMetadataBytes = 4096;
export const defaultMaxBatchRecords = 500;
export const defaultMaxBatchBytes = 4 * 1024 * 1024;
