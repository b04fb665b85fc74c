/** What was started, ended last first, whatever happened in between. */
export class Cleanup {
  readonly #steps: (() => Promise<void>)[] = [];

  /** Ends it with the rest, and gives it back. */
  add<Started>(started: Started, end: (started: Started) => Promise<void>): Started {
    this.#steps.push(() => end(started));
    return started;
  }

  /** Ends everything, also after one of the ends failed; throws the first failure. */
  async run(): Promise<void> {
    const failures: unknown[] = [];
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      await step().catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw new AggregateError(failures, "Not everything could be ended.");
  }
}
