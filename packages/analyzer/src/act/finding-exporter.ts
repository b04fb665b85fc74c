import { type Clock, type Finding, messageOf } from "@plumbline/contracts";
import { findingSpanRequest } from "./finding-span.ts";

/** Shows findings to trace viewers. For looking at only: the tables have every finding, whatever happens here. */
export interface FindingExporter {
  /** Never waits and never fails. */
  export(findings: readonly Finding[]): void;
  /** Gives what is queued one more chance. */
  close(): Promise<void>;
}

export interface FindingExporterOptions {
  /** Base address of an OTLP/HTTP receiver. */
  endpoint: string;
  clock: Clock;
  /** Told how many findings no viewer will show, and why. */
  onDropped(count: number, reason: string): void;
  maxQueued?: number;
}

const attempts = 6;
const firstPauseMs = 500;
const requestTimeoutMs = 10_000;

class OtlpFindingExporter implements FindingExporter {
  readonly #options: Required<FindingExporterOptions>;
  readonly #closing = new AbortController();
  #queue: Finding[] = [];
  #sending: Promise<void> | undefined;

  constructor(options: FindingExporterOptions) {
    this.#options = { maxQueued: 1_000, ...options };
  }

  export(findings: readonly Finding[]): void {
    const room = Math.max(0, this.#options.maxQueued - this.#queue.length);
    this.#queue.push(...findings.slice(0, room));
    const refused = findings.length - Math.min(room, findings.length);
    if (refused > 0) this.#options.onDropped(refused, "the queue is full");
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined;
    });
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error("closing"));
    await this.#sending;
  }

  async #sendAll(): Promise<void> {
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift())
      await this.#send(next);
  }

  async #send(finding: Finding): Promise<void> {
    const { clock, onDropped } = this.#options;
    const { signal } = this.#closing;
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#post(finding);
        return;
      } catch (error) {
        if (attempt === attempts || signal.aborted) {
          onDropped(1, messageOf(error));
          return;
        }
        await clock.sleep(firstPauseMs * 2 ** (attempt - 1), signal).catch(() => undefined);
      }
    }
  }

  async #post(finding: Finding): Promise<void> {
    const response = await fetch(new URL("/v1/traces", this.#options.endpoint), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(findingSpanRequest(finding)),
      signal: AbortSignal.timeout(requestTimeoutMs),
    });
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`${this.#options.endpoint} answered ${String(response.status)}`);
  }
}

export function createFindingExporter(options: FindingExporterOptions): FindingExporter {
  return new OtlpFindingExporter(options);
}
