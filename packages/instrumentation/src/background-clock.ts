import { type Clock, systemClock } from "@plumbline/contracts";

function sleepInBackground(durationMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason as Error);
      return;
    }
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, durationMs);
    timer.unref();
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

/** The system clock, except that its sleepers never keep the process alive. */
export const backgroundClock: Clock = { nowMs: () => systemClock.nowMs(), sleep: sleepInBackground };
