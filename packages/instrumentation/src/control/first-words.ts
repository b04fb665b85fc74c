/**
 * Owns: of which runs the control channel has brought word, which of the session's it has not yet, and who waits for
 * that. Does not own: the connection.
 */
export class FirstWords {
  private readonly heard = new Set<string>();
  private readonly waiting = new Map<string, (() => void)[]>();
  /** Runs of the session that were not heard of yet. */
  private unheard = new Set<string>();

  /** A session asks about these runs; any other is forgotten. */
  beginSession(runIds: readonly string[]): void {
    const wanted = new Set(runIds);
    for (const runId of this.heard) if (!wanted.has(runId)) this.heard.delete(runId);
    this.unheard = new Set(runIds.filter((runId) => !this.heard.has(runId)));
  }

  isHeard(runId: string): boolean {
    return this.heard.has(runId);
  }

  /** Whether no word of a run of the session is outstanding. */
  get isSettled(): boolean {
    return this.unheard.size === 0;
  }

  /** Nothing more is expected of the session. */
  settle(): void {
    this.unheard.clear();
  }

  /** Answers whether the session was waiting for word of this run. */
  hear(runId: string): boolean {
    this.heard.add(runId);
    for (const resolve of this.waiting.get(runId) ?? []) resolve();
    this.waiting.delete(runId);
    return this.unheard.delete(runId);
  }

  forget(runId: string): void {
    this.heard.delete(runId);
  }

  /** Resolves with the next word of a run, or when it turns out that none will come. */
  wait(runId: string): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.set(runId, [...(this.waiting.get(runId) ?? []), resolve]);
    });
  }

  stopWaiting(): void {
    for (const resolvers of this.waiting.values()) for (const resolve of resolvers) resolve();
    this.waiting.clear();
  }
}
