import type { PartitionDelivery } from "./partition-delivery.ts";

/** One ownership of a partition number; another object is another ownership. */
export interface Tenure {
  start(): PartitionDelivery;
}

/** One partition number of a group: the next tenure starts only after the worker of the last one is closed. */
export class PartitionSlot {
  readonly partition: number;
  #target: Tenure | undefined;
  #current: { tenure: Tenure; delivery: PartitionDelivery } | undefined;
  #settling = false;
  #settled: Promise<void> = Promise.resolve();

  constructor(partition: number) {
    this.partition = partition;
  }

  /** Who has it now, or will have it once the last one has let go. */
  get target(): Tenure | undefined {
    return this.#target;
  }

  /** The delivery in work, of whichever tenure. */
  get delivery(): PartitionDelivery | undefined {
    return this.#current?.delivery;
  }

  /** Resolves when the delivery in work is that of the target. */
  get settled(): Promise<void> {
    return this.#settled;
  }

  give(tenure: Tenure | undefined): void {
    this.#target = tenure;
    if (!this.#settling) this.#settled = this.#settle();
  }

  async #settle(): Promise<void> {
    this.#settling = true;
    while (this.#current?.tenure !== this.#target) {
      await this.#current?.delivery.stop();
      this.#current = undefined;
      const tenure = this.#target;
      if (tenure !== undefined) this.#current = { tenure, delivery: tenure.start() };
    }
    this.#settling = false;
  }
}
