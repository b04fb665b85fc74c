/**
 * Ends a tool call early, once. What listens inside is called by itself; the signal is made for a tool that asks for it,
 * because most never look and one costs more than all else around a call.
 */
export class Cancellation {
  private readonly listeners = new Set<(reason: Error) => void>();
  private controller: AbortController | undefined;
  /** Why it was aborted; undefined while nobody did. */
  reason: Error | undefined;

  /** The same for those outside; always the same object. */
  get signal(): AbortSignal {
    if (this.controller === undefined) {
      this.controller = new AbortController();
      if (this.reason !== undefined) this.controller.abort(this.reason);
    }
    return this.controller.signal;
  }

  /** Only the first call counts. */
  abort(reason: Error): void {
    if (this.reason !== undefined) return;
    this.reason = reason;
    this.controller?.abort(reason);
    const listeners = [...this.listeners];
    this.listeners.clear();
    for (const listener of listeners) listener(reason);
  }

  /** Calls back when it is aborted from now on, unless the returned function is called first. */
  onAbort(listener: (reason: Error) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
