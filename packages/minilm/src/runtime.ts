import type { InferenceSession, Tensor } from "onnxruntime-web";
import type { RuntimeChoice } from "./runtime-choice.ts";

/** What is used of the ONNX runtimes; the native and the WebAssembly one share it. */
export interface Runtime {
  name: "native" | "wasm";
  InferenceSession: {
    create(model: Uint8Array, options: InferenceSession.SessionOptions): Promise<InferenceSession>;
  };
  Tensor: typeof Tensor;
}

async function loadNative(): Promise<Runtime> {
  const runtime = await import("onnxruntime-node");
  return { name: "native", InferenceSession: runtime.InferenceSession, Tensor: runtime.Tensor };
}

async function loadWasm(): Promise<Runtime> {
  const runtime = await import("onnxruntime-web");
  // The embedder has its own thread already.
  runtime.env.wasm.numThreads = 1;
  return { name: "wasm", InferenceSession: runtime.InferenceSession, Tensor: runtime.Tensor };
}

/** The chosen runtime; `best` falls back to WebAssembly. */
export async function loadRuntime(choice: RuntimeChoice): Promise<Runtime> {
  if (choice === "native") return loadNative();
  if (choice === "wasm") return loadWasm();
  return loadNative().catch(loadWasm);
}
