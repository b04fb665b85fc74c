import { AsyncLocalStorage } from "node:async_hooks";
import type { RunRecord } from "./run-record.ts";

const storage = new AsyncLocalStorage<RunRecord>();

/** The supervised run that the current call belongs to. */
export const currentRun = (): RunRecord | undefined => storage.getStore();

/** Runs a function so that everything it calls belongs to `run`. */
export function withRun<Result>(run: RunRecord, fn: () => Result): Result {
  return storage.run(run, fn);
}
