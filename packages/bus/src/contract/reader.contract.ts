import { vi } from "vitest";
import type {
  Assignment,
  Batch,
  Bus,
  BusRecord,
  ConsumeOptions,
  Consumption,
  PartitionWorker,
  ReceivedRecord,
} from "../bus.ts";

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const text = (record: Pick<ReceivedRecord, "value">): string => new TextDecoder().decode(record.value);
export const record = (key: string | null, value: string): BusRecord => ({ key, value: bytes(value) });

/** Waits for what is bound to happen; fails with the last error when it does not. */
export async function eventually(check: () => void): Promise<void> {
  await vi.waitFor(check, { timeout: 20_000, interval: 5 });
}

export interface ReaderOptions extends Omit<ConsumeOptions, "open"> {
  startAt?: ReadonlyMap<string, number>;
  urgencyOf?: PartitionWorker["urgencyOf"];
  /** Called before a batch is remembered; a rejection refuses it. */
  onBatch?: (batch: Batch, assignment: Assignment) => Promise<void>;
  onClose?: (assignment: Assignment) => Promise<void>;
}

/** A member of a group that remembers what it was given. */
export class Reader {
  readonly batches: Batch[] = [];
  readonly assignments: Assignment[] = [];
  readonly closed: number[] = [];
  readonly consumption: Consumption;

  private constructor(consumption: Consumption) {
    this.consumption = consumption;
  }

  static async open(
    bus: Bus,
    { startAt, urgencyOf, onBatch, onClose, ...options }: ReaderOptions,
  ): Promise<Reader> {
    const kept: Pick<Reader, "batches" | "assignments" | "closed"> = {
      batches: [],
      assignments: [],
      closed: [],
    };
    const consumption = await bus.consume({
      ...options,
      open: async (assignment) => {
        kept.assignments.push(assignment);
        const worker = {
          ...(urgencyOf !== undefined && { urgencyOf }),
          onBatch: async (batch: Batch) => {
            await onBatch?.(batch, assignment);
            kept.batches.push(batch);
          },
          close: async () => {
            await onClose?.(assignment);
            kept.closed.push(assignment.partition);
          },
        };
        return Promise.resolve(startAt === undefined ? worker : { ...worker, startAt });
      },
    });
    return Object.assign(new Reader(consumption), kept);
  }

  get records(): ReceivedRecord[] {
    return this.batches.flatMap((batch) => batch.records);
  }

  get texts(): string[] {
    return this.records.map(text);
  }

  /** Partition numbers owned now. */
  get owned(): number[] {
    const live = this.assignments.filter((assignment) => !assignment.signal.aborted);
    return live.map((assignment) => assignment.partition).sort((a, b) => a - b);
  }

  async close(): Promise<void> {
    await this.consumption.close();
  }
}
