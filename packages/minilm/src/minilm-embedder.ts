import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { type Embedder, RetryableError, SetupError } from "@plumbline/contracts";
import { dimensions } from "./inference.ts";
import type { RuntimeChoice } from "./runtime-choice.ts";
import type { EmbedRequest, WorkerReply, WorkerSetup } from "./worker-protocol.ts";

export interface MiniLmOptions {
  /** Which ONNX runtime; `best`, the native one where it loads, when absent. */
  runtime?: RuntimeChoice;
}

export interface MiniLmEmbedder extends Embedder {
  /** The runtime in use. */
  readonly runtime: "native" | "wasm";
}

interface Pending {
  resolve: (vectors: Float32Array) => void;
  reject: (reason: Error) => void;
}

type Ready = Extract<WorkerReply, { kind: "ready" }>;

/** The thread with the model, and the requests that it has not answered. */
class ModelThread {
  readonly ready: Promise<Ready>;
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;
  #ended = false;

  constructor(runtime: RuntimeChoice) {
    // The extension is .ts when run from source and .js when run from dist.
    const entry = new URL(`./minilm.worker${extname(import.meta.url)}`, import.meta.url);
    const setup: WorkerSetup = { runtime };
    this.#worker = new Worker(entry, { workerData: setup });
    // A forgotten embedder does not keep the process alive.
    this.#worker.unref();
    this.ready = new Promise((resolve, reject) => {
      this.#worker.on("message", (reply: WorkerReply) => {
        if (reply.kind === "ready") resolve(reply);
        else if (reply.kind === "vectors") this.#take(reply.id)?.resolve(reply.vectors);
        else if (reply.id === null) reject(new Error(reply.reason));
        else this.#take(reply.id)?.reject(failure(reply.reason));
      });
      const end = (reason: string): void => {
        reject(new Error(reason));
        this.#end(reason);
      };
      this.#worker.once("error", (error: unknown) => end(`The model's thread failed: ${String(error)}.`));
      this.#worker.once("exit", () => end("The embedder is closed."));
    });
  }

  embed(texts: readonly string[], signal?: AbortSignal): Promise<Float32Array> {
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
    if (this.#ended) return Promise.reject(failure("The embedder is closed."));
    this.#lastId += 1;
    const request: EmbedRequest = { id: this.#lastId, texts };
    return new Promise((resolve, reject) => {
      const onAbort = (): void => this.#take(request.id)?.reject(signal?.reason as Error);
      const settle = <Value>(next: (value: Value) => void) => {
        return (value: Value): void => {
          signal?.removeEventListener("abort", onAbort);
          next(value);
        };
      };
      this.#pending.set(request.id, { resolve: settle(resolve), reject: settle(reject) });
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#worker.ref();
      this.#worker.postMessage(request);
    });
  }

  async close(): Promise<void> {
    this.#ended = true;
    await this.#worker.terminate();
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (this.#pending.size === 0) this.#worker.unref();
    return pending;
  }

  #end(reason: string): void {
    this.#ended = true;
    for (const id of this.#pending.keys()) this.#take(id)?.reject(failure(reason));
  }
}

const failure = (reason: string): RetryableError => new RetryableError(reason, { code: "EMBEDDER_FAILED" });

/**
 * all-MiniLM-L6-v2 in a thread of its own. Texts are cut to 64 tokens, head and tail.
 * @throws SetupError when no runtime loads, or a model file is not the one that was shipped
 */
export async function openMiniLm({ runtime = "best" }: MiniLmOptions = {}): Promise<MiniLmEmbedder> {
  const thread = new ModelThread(runtime);
  const ready = await thread.ready.catch(async (cause: unknown) => {
    await thread.close();
    throw new SetupError(
      `MiniLM could not be loaded: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        code: "MINILM_UNAVAILABLE",
        mend: "Install onnxruntime-node or onnxruntime-web, or set another embedder.",
        cause,
      },
    );
  });
  return {
    id: `minilm:${ready.version}`,
    dimensions,
    runtime: ready.runtime,
    embed: async (texts, signal) => {
      if (texts.length === 0) return [];
      const vectors = await thread.embed(texts, signal);
      return texts.map((_, row) => vectors.subarray(row * dimensions, (row + 1) * dimensions));
    },
    close: () => thread.close(),
  };
}
