import { topic } from "@plumbline/contracts";
import type { RunsBacklog } from "../runs-backlog.ts";

/** Observations that may wait for their runs before spans wait as well: a tenth of a second of work, about. */
const longestQueue = 200;
/** However far behind the runs are, spans are taken this often, so that a flood of events does not shut them out. */
const longestRestMs = 500;

/**
 * Spans come in bulk and seconds after the fact; the events of an agent that can be held come one by one as it acts. While
 * the runs are behind, spans therefore wait on their durable topic instead of before the events in the queue of observations.
 */
export class SpanPacing {
  readonly #backlog: RunsBacklog;
  #lastTakenAtMs = 0;

  constructor(backlog: RunsBacklog) {
    this.#backlog = backlog;
  }

  /** Whether a batch of the topic may be taken now. */
  takes(topicName: string, nowMs: number): boolean {
    if (topicName !== topic.spans) return true;
    return this.#backlog.waiting <= longestQueue || nowMs - this.#lastTakenAtMs >= longestRestMs;
  }

  taken(topicName: string, nowMs: number): void {
    if (topicName === topic.spans) this.#lastTakenAtMs = nowMs;
  }
}
