import { busClosed } from "../bus-errors.ts";
import type { ReceivedRecord, Tail, TailOptions } from "../bus.ts";
import { defaultMaxBatchBytes, defaultMaxBatchRecords } from "../limits.ts";
import { WakeUp, yieldToEventLoop } from "../delivery/wake-up.ts";
import type { LocalContext } from "./delivery-group.ts";
import type { PartitionPlace } from "./record-log.ts";

interface TailCursor {
  place: PartitionPlace;
  position: number;
  /** End of the partition when the tail began. */
  goal: number;
}

export class LogTail implements Tail {
  readonly caughtUp: Promise<void>;
  readonly #context: LocalContext;
  readonly #onRecord: TailOptions["onRecord"];
  readonly #cursors: readonly TailCursor[];
  readonly #wakeUp = new WakeUp();
  readonly #closing = new AbortController();
  readonly #ended: Promise<void>;

  constructor(context: LocalContext, options: TailOptions, partitions: readonly number[]) {
    this.#context = context;
    this.#onRecord = (record) => {
      options.onRecord(record);
    };
    this.#cursors = partitions.map((partition) => {
      const place = { topic: options.topic, partition };
      const { beginOffset, endOffset } = context.log.extent(place);
      return { place, position: options.from === "now" ? endOffset : beginOffset, goal: endOffset };
    });
    const caughtUp = Promise.withResolvers<void>();
    this.caughtUp = caughtUp.promise;
    this.caughtUp.catch(() => undefined);
    this.#ended = this.#run(caughtUp.resolve).finally(() => caughtUp.reject(busClosed()));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#wakeUp.raise();
    await this.#ended;
  }

  async #run(onCaughtUp: () => void): Promise<void> {
    const removals = this.#cursors.map((cursor) => this.#context.wakeUps.add(cursor.place, this.#wakeUp));
    await yieldToEventLoop();
    while (!this.#closing.signal.aborted) {
      const moved = this.#cursors.map((cursor) => this.#advance(cursor)).includes(true);
      if (this.#cursors.every((cursor) => cursor.position >= cursor.goal)) onCaughtUp();
      await (moved ? yieldToEventLoop() : this.#wakeUp.wait());
    }
    for (const remove of removals) remove();
  }

  #advance(cursor: TailCursor): boolean {
    const records = this.#read(cursor);
    for (const record of records ?? []) {
      if (this.#closing.signal.aborted) return false;
      cursor.position = record.offset + 1;
      try {
        this.#onRecord(record);
      } catch (error) {
        this.#context.report({
          during: "tail",
          group: "",
          ...cursor.place,
          attempt: 1,
          retryInMs: null,
          error,
        });
      }
    }
    if (records?.length === 0) cursor.position = Math.max(cursor.position, cursor.goal);
    return (records?.length ?? 0) > 0;
  }

  #read({ place, position }: TailCursor): ReceivedRecord[] | undefined {
    try {
      return this.#context.log.read({
        ...place,
        fromOffset: position,
        maxRecords: defaultMaxBatchRecords,
        maxBytes: defaultMaxBatchBytes,
      });
    } catch (error) {
      const retryInMs = this.#context.redelivery.longestMs;
      this.#context.report({ during: "read", group: "", ...place, attempt: 1, retryInMs, error });
      const awake = this.#context.clock.sleep(retryInMs, this.#closing.signal);
      void awake.then(() => this.#wakeUp.raise()).catch(() => undefined);
      return undefined;
    }
  }
}
