export { openMiniLm } from "./minilm-embedder.ts";
export type { MiniLmEmbedder, MiniLmOptions } from "./minilm-embedder.ts";
export type { RuntimeChoice } from "./runtime-choice.ts";
