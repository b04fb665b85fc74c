import type { RunsBacklog } from "../runs-backlog.ts";

/** So much may wait for its runs, and so long, before spans wait as well. */
const mostWaiting = 100;
const longestWaitMs = 100;
/** However far behind the runs are, a batch of spans is taken this often, so that a flood of events does not shut them out. */
const longestRestMs = 5_000;

/**
 * Spans come in bulk and seconds after the fact; the events of an agent that can be held come one by one as it acts. While
 * the runs are behind, spans therefore wait on their durable topic instead of before the events in the queue of observations.
 */
export class SpanPacing {
  readonly #backlog: RunsBacklog;
  #inWork = 0;
  #lastTakenAtMs = 0;

  constructor(backlog: RunsBacklog) {
    this.#backlog = backlog;
  }

  /** Whether the runs are too far behind for anything that can wait. */
  isBehind(nowMs: number): boolean {
    const { waiting, waitingSinceMs = nowMs, rowsWait } = this.#backlog;
    return rowsWait || waiting > mostWaiting || nowMs - waitingSinceMs > longestWaitMs;
  }

  /** Whether a batch of spans may be taken now; one at a time while the runs have work. */
  takesSpans(nowMs: number): boolean {
    if (nowMs - this.#lastTakenAtMs >= longestRestMs) return true;
    return !this.isBehind(nowMs) && (this.#inWork === 0 || this.#backlog.waiting === 0);
  }

  /** Counts a batch of spans from when it is taken to when its observations stand in the queue. */
  async during(nowMs: number, work: Promise<void>): Promise<void> {
    this.#lastTakenAtMs = nowMs;
    this.#inWork += 1;
    try {
      await work;
    } finally {
      this.#inWork -= 1;
    }
  }
}
