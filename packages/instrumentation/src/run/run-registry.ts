import type { RunMove } from "./run-lifecycle.ts";
import type { RunDeclaration } from "./run-record.ts";
import { RunRecord } from "./run-record.ts";

export interface RunRegistryOptions {
  tenantId: string;
  /** Implicit runs kept at once; the longest idle one gives way. */
  maxImplicitRuns: number;
  onChanged: (startedRunId?: string) => void;
  /** Every move of the state machine of a run. */
  onMove: (run: RunRecord, move: RunMove) => void;
}

/** The live runs of this process by id, and the killed ones, which stay killed. */
export class RunRegistry {
  private readonly options: RunRegistryOptions;
  private readonly live = new Map<string, RunRecord>();
  private readonly killed = new Map<string, RunRecord>();

  constructor(options: RunRegistryOptions) {
    this.options = options;
  }

  get(runId: string): RunRecord | undefined {
    return this.live.get(runId) ?? this.killed.get(runId);
  }

  /** Ids of the runs that want directives. */
  ids(): string[] {
    return [...this.live.keys()];
  }

  runs(): RunRecord[] {
    return [...this.live.values()];
  }

  start(declaration: RunDeclaration, nowMs: number): RunRecord {
    const { tenantId, onMove } = this.options;
    const run = new RunRecord(declaration, { tenantId, startedAtMs: nowMs, onMove });
    const before = this.get(declaration.runId);
    if (before?.killed !== undefined) run.obey(before.directive);
    this.live.set(declaration.runId, run);
    if (declaration.implicit) this.makeRoom();
    this.options.onChanged(declaration.runId);
    return run;
  }

  /** Marks an implicit run as used just now, so that it is the last to give way. */
  touch(run: RunRecord, nowMs: number): void {
    run.lastActiveAtMs = nowMs;
    if (!run.declaration.implicit || this.live.get(run.runId) !== run) return;
    this.live.delete(run.runId);
    this.live.set(run.runId, run);
  }

  end(run: RunRecord): void {
    run.ended = true;
    run.declaration.parent?.children.delete(run);
    if (this.live.get(run.runId) === run) this.live.delete(run.runId);
    if (run.killed !== undefined) this.remember(run);
    this.options.onChanged();
  }

  private remember(run: RunRecord): void {
    this.killed.set(run.runId, run);
    const oldest = this.killed.keys().next();
    if (this.killed.size > this.options.maxImplicitRuns && oldest.done !== true)
      this.killed.delete(oldest.value);
  }

  private makeRoom(): void {
    if (this.live.size <= this.options.maxImplicitRuns) return;
    for (const run of this.live.values()) {
      if (!run.declaration.implicit || run.openCalls.size > 0) continue;
      this.end(run);
      return;
    }
  }
}
