import type { RunHead, Transition } from "./transition.ts";

/** A run within the store. */
export interface RunReference {
  tenantId: string;
  runId: string;
}

/** What is written in one go. */
export interface CheckpointEntry {
  head: RunHead;
  transition: Transition;
  /** The agent's own state as JSON text: replaces the one before; null removes it; left out, it stays. */
  state?: string | null;
}

/** A run as the store holds it. */
export interface StoredRun {
  head: RunHead;
  /** Null when none was saved, or a kill or the end removed it. */
  state: string | null;
  /** The whole history, oldest first. */
  transitions: readonly Transition[];
}

export interface ListedRun extends RunReference {
  head: RunHead;
  /** Whether the process that has it still lives. */
  inUse: boolean;
}

/**
 * Keeps what a run needs to be resumed in another process. History only grows: no transition is ever changed. Every
 * store belongs to one process, which owns the runs it writes.
 */
export interface CheckpointStore {
  /**
   * Resolves when the entry is durable.
   * @throws RunTakenOverError when another process has gone on with the run, or the sequence is not the next one
   */
  append(run: RunReference, entry: CheckpointEntry): Promise<void>;
  load(run: RunReference): Promise<StoredRun | undefined>;
  /** Makes this process the owner of a run whose process is gone; false when that one lives. */
  claim(run: RunReference): Promise<boolean>;
  /** Runs that are neither killed nor completed, the one changed last first. */
  list(tenantId: string): Promise<ListedRun[]>;
  close(): void;
}
