/** A record that must reach the server, and its handle in the spool. */
export interface SpooledRecord {
  id: number;
  /** An encoded OTLP log record. */
  record: string;
}

/** Keeps control records (acks, approvals, checkpoints, audit records) until the server has them. */
export interface Spool {
  add(record: string): SpooledRecord;
  /** All at once: cheaper than one by one. */
  addAll(records: readonly string[]): SpooledRecord[];
  remove(ids: readonly number[]): void;
  /** What this process added behind a record and nobody removed, oldest first. */
  after(id: number, limit: number): SpooledRecord[];
  /** What processes that are gone left behind; each record is handed to one caller only. */
  adopt(): SpooledRecord[];
}
