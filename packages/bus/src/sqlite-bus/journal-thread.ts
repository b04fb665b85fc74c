import { extname } from "node:path";
import { Worker } from "node:worker_threads";

export type ThreadRequest = "move" | "close";
export type ThreadReply = "moved";

/** As much is written ahead before it is moved. */
const moveBytes = 8 * 1024 * 1024;
/** Of pages that a transaction writes once more, however little it adds to them. */
const overheadBytes = 64 * 1024;

/**
 * When what was written ahead is moved into the database file. Copying pages and waiting for the disk takes some 25 ms each
 * time: that happens in a thread of its own, which begins with the first move. Where the thread does not keep up, or has
 * ended, SQLite does it within a commit.
 */
export class JournalThread {
  readonly #path: string;
  #worker: Worker | undefined;
  #ended: Promise<void> = Promise.resolve();
  #isMoving = false;
  #writtenBytes = 0;

  /** @param path of the database */
  constructor(path: string) {
    this.#path = path;
  }

  /** A transaction has added so many bytes. */
  wrote(bytes: number): void {
    this.#writtenBytes += bytes + overheadBytes;
    if (this.#isMoving || this.#writtenBytes < moveBytes) return;
    this.#writtenBytes = 0;
    this.#isMoving = true;
    this.#worker ??= this.#start();
    this.#worker.postMessage("move" satisfies ThreadRequest);
  }

  /** Lets what is being moved arrive. */
  async close(): Promise<void> {
    // Nothing else may keep the process alive until the thread has ended.
    this.#worker?.ref();
    this.#worker?.postMessage("close" satisfies ThreadRequest);
    await this.#ended;
  }

  #start(): Worker {
    // The extension is .ts when run from source and .js when run from dist.
    const entry = new URL(`./journal-thread.worker${extname(import.meta.url)}`, import.meta.url);
    const worker = new Worker(entry, { workerData: this.#path });
    worker.unref();
    worker.on("message", (_reply: ThreadReply) => {
      this.#isMoving = false;
    });
    // Without a listener it would end the process; as nothing says that it moved, it is not asked again.
    worker.on("error", () => undefined);
    this.#ended = new Promise((resolve) => {
      worker.once("exit", () => {
        resolve();
      });
    });
    return worker;
  }
}
