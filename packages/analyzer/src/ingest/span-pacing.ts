import type { RunsBacklog } from "../runs-backlog.ts";

/** How much is done at once. */
interface Bounds {
  /** Observations that may wait for their runs, and for how long, before spans wait as well. */
  mostWaiting: number;
  longestWaitMs: number;
  /** Records of spans and logs in one piece of work, which is published as one. */
  sourceRecords: number;
  /** Observations that are folded in one piece of work. */
  observations: number;
}

/** While agents tell of themselves, somebody waits for each verdict: pieces are small. */
const amongEvents: Bounds = {
  mostWaiting: 16,
  longestWaitMs: 30,
  sourceRecords: 8,
  observations: 16,
};
/** Spans alone keep nobody waiting but each other: large pieces cost less. */
const spansAlone: Bounds = {
  mostWaiting: 200,
  longestWaitMs: 100,
  sourceRecords: 96,
  observations: 64,
};
const eventsCountForMs = 10_000;
/** However far behind the runs are, a batch of spans is taken this often, so that a flood of events does not shut them out. */
const longestRestMs = 5_000;

/**
 * Spans come in bulk and seconds after the fact; the events of an agent that can be held come one by one as it acts. While
 * the runs are behind, spans therefore wait on their durable topic instead of before the events in the queue of observations;
 * and while such agents are heard, work is done in small pieces.
 */
export class SpanPacing {
  readonly #backlog: RunsBacklog;
  #inWork = 0;
  #lastTakenAtMs = 0;
  #heardAtMs = Number.NEGATIVE_INFINITY;

  constructor(backlog: RunsBacklog) {
    this.#backlog = backlog;
  }

  /** Logs have come: the events of agents under way are among them. */
  heardEvents(nowMs: number): void {
    this.#heardAtMs = nowMs;
  }

  /** Whether the runs are too far behind for anything that can wait. */
  isBehind(nowMs: number): boolean {
    const { waiting, waitingSinceMs = nowMs, rowsWait } = this.#backlog;
    const { mostWaiting, longestWaitMs } = this.boundsAt(nowMs);
    return rowsWait || waiting > mostWaiting || nowMs - waitingSinceMs > longestWaitMs;
  }

  /** Whether a batch of spans may be taken now; one at a time while the runs have work. */
  takesSpans(nowMs: number): boolean {
    if (nowMs - this.#lastTakenAtMs >= longestRestMs) return true;
    return !this.isBehind(nowMs) && (this.#inWork === 0 || this.#backlog.waiting === 0);
  }

  /** How much is done at once, as things stand now. */
  boundsAt(nowMs: number): Bounds {
    return nowMs - this.#heardAtMs < eventsCountForMs ? amongEvents : spansAlone;
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
