import type { Clock, SignedAuditHead } from "@plumbline/contracts";
import type { AuditSink } from "./sink.ts";

/**
 * Takes the last head of every ledger outside, where whoever writes the tables can't reach it: against it a truncated
 * ledger is found.
 */
export interface HeadPublisher {
  /** Remembers newer heads; they go out with the next round. */
  offer(heads: readonly SignedAuditHead[]): void;
  /** Sends what is new now. */
  flush(): Promise<void>;
  /** Sends what is new and stops. */
  close(): Promise<void>;
}

export interface HeadPublisherOptions {
  sinks: readonly AuditSink[];
  clock: Clock;
  intervalMs: number;
  onFailure(error: unknown): void;
}

class SinkHeadPublisher implements HeadPublisher {
  readonly #options: HeadPublisherOptions;
  readonly #closing = new AbortController();
  readonly #tips = new Map<string, SignedAuditHead>();
  /** By sink, what it has of each ledger. */
  readonly #sent = new Map<AuditSink, Map<string, number>>();
  readonly #running: Promise<void>;
  #turn: Promise<void> = Promise.resolve();

  constructor(options: HeadPublisherOptions) {
    this.#options = options;
    this.#running = this.#repeat();
  }

  offer(heads: readonly SignedAuditHead[]): void {
    for (const head of heads) {
      const name = `${head.tenantId}/${String(head.ledger)}`;
      const known = this.#tips.get(name);
      if (known === undefined || known.index < head.index) this.#tips.set(name, head);
    }
  }

  flush(): Promise<void> {
    this.#turn = this.#turn.then(() => this.#sendAll());
    return this.#turn;
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error("closing"));
    await this.#running;
    await this.flush();
  }

  async #repeat(): Promise<void> {
    const { clock, intervalMs } = this.#options;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await clock.sleep(intervalMs, signal).catch(() => undefined);
      if (!signal.aborted) await this.flush();
    }
  }

  async #sendAll(): Promise<void> {
    await Promise.all(this.#options.sinks.map((sink) => this.#sendTo(sink)));
  }

  async #sendTo(sink: AuditSink): Promise<void> {
    const sent = this.#sent.get(sink) ?? new Map<string, number>();
    const news = [...this.#tips].filter(([name, head]) => (sent.get(name) ?? 0) < head.index);
    if (news.length === 0) return;
    try {
      await sink.deliver(news.map(([, head]) => JSON.stringify(head)));
      for (const [name, head] of news) sent.set(name, head.index);
      this.#sent.set(sink, sent);
    } catch (error) {
      this.#options.onFailure(error);
    }
  }
}

export function createHeadPublisher(options: HeadPublisherOptions): HeadPublisher {
  return new SinkHeadPublisher(options);
}
