/** Turns texts into vectors of length one, whose dot product is their similarity. */
export interface Embedder {
  /** Names model and version. Vectors of different ids are never compared; calibrations belong to an id. */
  readonly id: string;
  readonly dimensions: number;
  /**
   * One vector per text, in order. An aborted signal rejects.
   * @throws RetryableError when the model can't answer now
   */
  embed(texts: readonly string[], signal?: AbortSignal): Promise<readonly Float32Array[]>;
  close(): Promise<void>;
}
