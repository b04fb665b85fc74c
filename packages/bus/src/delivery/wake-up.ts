/** Remembers one call of {@link WakeUp.raise}, so that none is lost between looking and waiting. One waiter at a time. */
export class WakeUp {
  #raised = false;
  #release: (() => void) | undefined;

  raise(): void {
    this.#raised = true;
    this.#release?.();
  }

  async wait(): Promise<void> {
    if (!this.#raised) {
      await new Promise<void>((resolve) => {
        this.#release = resolve;
      });
    }
    this.#raised = false;
    this.#release = undefined;
  }
}

/** Lets timers and I/O run between two pieces of synchronous work. */
export function yieldToEventLoop(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
