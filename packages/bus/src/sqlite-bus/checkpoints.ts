import { extname } from "node:path";
import { Worker } from "node:worker_threads";

export type CheckpointRequest = "pass" | "close";
export type CheckpointReply = "passed";

/** As much is written ahead before it is moved. */
const passBytes = 8 * 1024 * 1024;
/** Of pages that a transaction writes once more, however little it adds to them. */
const transactionBytes = 64 * 1024;

/**
 * When what was written ahead is moved into the database file. Copying pages and waiting for the disk takes some 25 ms each
 * time: that happens in a thread of its own, which begins with the first pass. Where the thread does not keep up, or has
 * ended, SQLite does it within a commit.
 */
export class Checkpoints {
  readonly #path: string;
  #worker: Worker | undefined;
  #ended: Promise<void> = Promise.resolve();
  #isPassing = false;
  #writtenBytes = 0;

  /** @param path of the database */
  constructor(path: string) {
    this.#path = path;
  }

  /** A transaction has added so many bytes. */
  wrote(bytes: number): void {
    this.#writtenBytes += bytes + transactionBytes;
    if (this.#isPassing || this.#writtenBytes < passBytes) return;
    this.#writtenBytes = 0;
    this.#isPassing = true;
    this.#worker ??= this.#start();
    this.#ask("pass");
  }

  /** Lets a pass end. */
  async close(): Promise<void> {
    this.#isPassing = true;
    // Nothing else may keep the process alive until the thread has ended.
    this.#worker?.ref();
    this.#ask("close");
    await this.#ended;
  }

  #ask(request: CheckpointRequest): void {
    this.#worker?.postMessage(request);
  }

  #start(): Worker {
    // The extension is .ts when run from source and .js when run from dist.
    const entry = new URL(`./checkpoint.worker${extname(import.meta.url)}`, import.meta.url);
    const worker = new Worker(entry, { workerData: this.#path });
    worker.unref();
    worker.on("message", (_reply: CheckpointReply) => {
      this.#isPassing = false;
    });
    this.#ended = new Promise((resolve) => {
      worker.once("exit", () => {
        resolve();
      });
      // Without a listener it would end the process; as nothing says that it passed, it is not asked again.
      worker.once("error", () => {
        resolve();
      });
    });
    return worker;
  }
}
