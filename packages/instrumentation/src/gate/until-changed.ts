import type { Clock } from "@plumbline/contracts";
import type { RunRecord } from "../run/run-record.ts";

/** Longest delay a timer takes. */
const foreverMs = 2 ** 31 - 1;

/**
 * Resolves when the directive of the run changes, the time is over or the signal aborts, whichever comes first. Keeps the
 * process alive meanwhile: it has work to do.
 */
export function untilChanged(
  run: RunRecord,
  clock: Clock,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal | undefined },
): Promise<void> {
  const timeout = new AbortController();
  const keepAlive = setInterval(() => undefined, foreverMs);
  return new Promise<void>((resolve) => {
    const stopListening = run.onceChanged(resolve);
    signal?.addEventListener("abort", () => resolve(), { once: true, signal: timeout.signal });
    clock
      .sleep(Math.min(timeoutMs, foreverMs), timeout.signal)
      .then(resolve, () => undefined)
      .finally(stopListening);
  }).finally(() => {
    clearInterval(keepAlive);
    timeout.abort(new Error("The wait is over."));
  });
}
