import { streamEvent } from "@plumbline/contracts";
import type { Subscriber } from "./directive-hub.ts";
import type { DirectiveTable } from "./directive-table.ts";
import { type StreamCursor, formatCursor, isWithin, setIdOf } from "./stream-cursor.ts";

/** Where events go: a response that may be slow. */
export interface EventSink {
  /** @returns false when nothing more should be written until {@link DirectiveStream.drained} */
  write(text: string): boolean;
  /** Ends the stream after what was written. */
  end(): void;
  /** Cuts the connection. */
  destroy(): void;
}

export interface DirectiveStreamOptions {
  table: DirectiveTable;
  sink: EventSink;
  /** Run id by run key. */
  runs: ReadonlyMap<string, string>;
  /** From `Last-Event-ID`. */
  after: StreamCursor | undefined;
  /** How many ticks a client may take nothing. */
  patienceTicks: number;
  onSlow(): void;
}

/**
 * One client's stream: each of its runs that changed is sent once, with what is newest at that moment, as fast as the
 * client takes it. What waits is a set of runs, so a slow client costs no memory. An event carries an id only when
 * nothing else waits: that id means "everything up to here was told".
 */
export class DirectiveStream implements Subscriber {
  readonly #options: DirectiveStreamOptions;
  readonly #setId: string;
  readonly #waiting = new Set<string>();
  #blocked = false;
  #blockedTicks = 0;

  constructor(options: DirectiveStreamOptions) {
    this.#options = options;
    this.#setId = setIdOf(options.runs.keys());
  }

  get keys(): Iterable<string> {
    return this.#options.runs.keys();
  }

  /** Tells the current directive of every run that the client does not know yet. */
  start(): void {
    const { runs, sink } = this.#options;
    for (const key of runs.keys()) {
      if (!this.#isKnown(key)) this.#waiting.add(key);
    }
    this.#blocked = !sink.write(": plumbline control stream\n\n");
    this.#flush();
  }

  changed(key: string): void {
    this.#waiting.add(key);
    this.#flush();
  }

  drained(): void {
    this.#blocked = false;
    this.#blockedTicks = 0;
    this.#flush();
  }

  tick(): void {
    if (!this.#blocked) {
      this.#blocked = !this.#options.sink.write(":\n\n");
      return;
    }
    this.#blockedTicks += 1;
    if (this.#blockedTicks !== this.#options.patienceTicks) return;
    this.#options.onSlow();
    this.#options.sink.destroy();
  }

  end(): void {
    this.#options.sink.end();
  }

  #isKnown(key: string): boolean {
    const { after, table } = this.#options;
    if (after === undefined || after.setId !== this.#setId || !isWithin(after, table.nextOffsets()))
      return false;
    const directive = table.get(key);
    return directive === undefined || directive.offset < (after.nextOffsets[directive.partition] ?? 0);
  }

  #flush(): void {
    for (const key of this.#waiting) {
      if (this.#blocked) return;
      this.#waiting.delete(key);
      this.#blocked = !this.#options.sink.write(this.#eventOf(key));
    }
  }

  #eventOf(key: string): string {
    const { table, runs } = this.#options;
    const directive = table.get(key);
    const event = directive === undefined ? streamEvent.unknown : streamEvent.directive;
    const data = directive?.json ?? JSON.stringify({ runId: runs.get(key) });
    const complete = this.#waiting.size === 0;
    const id = complete
      ? `id: ${formatCursor({ setId: this.#setId, nextOffsets: table.nextOffsets() })}\n`
      : "";
    return `event: ${event}\n${id}data: ${data}\n\n`;
  }
}
