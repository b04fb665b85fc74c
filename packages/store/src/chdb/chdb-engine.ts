import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { DatabaseError } from "../engine/database-error.ts";
import type { Engine, EngineInsert, EngineQuery } from "../engine/engine.ts";
import type { WorkerCall, WorkerReply, WorkerRequest, WorkerSetup } from "./worker-protocol.ts";

interface PendingCall {
  resolve: (text: string) => void;
  reject: (error: DatabaseError) => void;
}

/** The embedded database behind its thread. */
class ChdbEngine implements Engine {
  readonly #worker: Worker;
  readonly #pending = new Map<number, PendingCall>();
  readonly #exited: Promise<void>;
  readonly #onLost: (reason: string) => void;
  #lastId = 0;
  #ended: string | undefined;
  #isClosing = false;

  /** Settles when the thread has opened the directory, or could not. */
  readonly started: Promise<string>;

  constructor(worker: Worker, onLost: (reason: string) => void) {
    this.#worker = worker;
    this.#onLost = onLost;
    this.started = new Promise((resolve, reject) => {
      this.#pending.set(0, { resolve, reject });
    });
    worker.on("message", (reply: WorkerReply) => this.#settle(reply));
    worker.on("error", (error: unknown) => this.#end(`The database thread failed: ${String(error)}`));
    this.#exited = new Promise((resolve) => {
      worker.once("exit", () => {
        this.#end(this.#isClosing ? "The database was closed." : "The database thread ended.");
        resolve();
      });
    });
  }

  async command(sql: string): Promise<void> {
    await this.#call({ kind: "command", sql });
  }

  async insert(insert: EngineInsert): Promise<void> {
    await this.#call({ kind: "insert", insert });
  }

  query(query: EngineQuery): Promise<string> {
    return this.#call({ kind: "query", query });
  }

  async useDatabase(name: string): Promise<void> {
    await this.#call({ kind: "use-database", name });
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    if (this.#ended === undefined) await this.#call({ kind: "close" });
    await this.#exited;
  }

  #call(call: WorkerCall): Promise<string> {
    if (this.#ended !== undefined) return Promise.reject(new DatabaseError(this.#ended, undefined));
    this.#lastId += 1;
    const request: WorkerRequest = { id: this.#lastId, call };
    return new Promise((resolve, reject) => {
      this.#pending.set(request.id, { resolve, reject });
      this.#worker.postMessage(request);
    });
  }

  #settle(reply: WorkerReply): void {
    const pending = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if ("text" in reply) pending?.resolve(reply.text);
    else pending?.reject(new DatabaseError(reply.failure.message, reply.failure.code));
  }

  #end(reason: string): void {
    if (this.#ended === undefined && !this.#isClosing) this.#onLost(reason);
    this.#ended ??= reason;
    for (const pending of this.#pending.values()) pending.reject(new DatabaseError(reason, undefined));
    this.#pending.clear();
  }
}

/**
 * @param onLost told once when the thread has ended unasked: nothing can be read or written any more
 * @throws DatabaseError when the directory cannot be opened
 */
export async function openChdbEngine(
  setup: WorkerSetup,
  onLost: (reason: string) => void = () => undefined,
): Promise<Engine> {
  // The extension is .ts when run from source and .js when run from dist.
  const entry = new URL(`./chdb.worker${extname(import.meta.url)}`, import.meta.url);
  const engine = new ChdbEngine(new Worker(entry, { workerData: setup }), onLost);
  await engine.started;
  return engine;
}
