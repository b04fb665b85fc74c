import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { messageOf } from "@plumbline/contracts";
import { type Inference, openInference } from "./inference.ts";
import type { EmbedRequest, WorkerReply, WorkerSetup } from "./worker-protocol.ts";

/*
 * Thread that owns the model, so that its computing holds up nothing else. One request after the other.
 */

async function answer(port: MessagePort, { infer }: Inference, { id, texts }: EmbedRequest): Promise<void> {
  try {
    const vectors = await infer(texts);
    port.postMessage({ kind: "vectors", id, vectors } satisfies WorkerReply, [vectors.buffer]);
  } catch (thrown) {
    port.postMessage({ kind: "failed", id, reason: messageOf(thrown) } satisfies WorkerReply);
  }
}

async function serve(port: MessagePort): Promise<void> {
  try {
    const inference = await openInference((workerData as WorkerSetup).runtime);
    let last: Promise<void> = Promise.resolve();
    port.on("message", (request: EmbedRequest) => {
      last = last.then(() => answer(port, inference, request));
    });
    const { version, runtime } = inference;
    port.postMessage({ kind: "ready", version, runtime } satisfies WorkerReply);
  } catch (thrown) {
    port.postMessage({ kind: "failed", id: null, reason: messageOf(thrown) } satisfies WorkerReply);
  }
}

if (parentPort !== null) await serve(parentPort);
