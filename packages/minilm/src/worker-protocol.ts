import type { RuntimeChoice } from "./runtime-choice.ts";

/** What the worker is started with. */
export interface WorkerSetup {
  runtime: RuntimeChoice;
}

export interface EmbedRequest {
  id: number;
  texts: readonly string[];
}

export type WorkerReply =
  | { kind: "ready"; version: string; runtime: "native" | "wasm" }
  | { kind: "vectors"; id: number; vectors: Float32Array<ArrayBuffer> }
  | { kind: "failed"; id: number | null; reason: string };
