/*
 * Owns: whose turn it is to put rows into the store, first come, first served.
 * Does not own: which rows those are. They are chosen when the turn has come, so that whatever arrived while others had
 * theirs goes along: an insert costs the database much however little it holds.
 */
export class StoreTurns {
  #last: Promise<void> = Promise.resolve();

  /** Waits for the turns before, then for `work`; the next turn begins when that has ended, however it did. */
  take<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#last.then(work);
    this.#last = done.then(
      () => undefined,
      () => undefined,
    );
    return done;
  }
}
