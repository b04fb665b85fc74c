import { AsyncLocalStorage } from "node:async_hooks";

const storage = new AsyncLocalStorage<AbortSignal>();

/** The signal of the model call of a framework that surrounds the current code; undefined outside of one. */
export const signalOfModelCall = (): AbortSignal | undefined => storage.getStore();

/**
 * Runs a framework's model call, which passed the gate already: the client underneath is not gated a second time, and
 * what it fetches is aborted by `signal`.
 */
export function withinModelCall<Result>(signal: AbortSignal, fn: () => Result): Result {
  return storage.run(signal, fn);
}
