/** What is known of the receiver that several queues send to: one that gets through tells the others to try again. */
export class ReceiverState {
  /** Whether anything was ever delivered in this process. */
  wasReached = false;
  private readonly listeners = new Set<() => void>();

  reached(): void {
    this.wasReached = true;
    for (const listener of this.listeners) listener();
  }

  /** Calls back at every delivery of any queue, until the returned function is called. */
  onReached(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
