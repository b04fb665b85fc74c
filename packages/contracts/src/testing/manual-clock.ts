import type { Clock } from "../clock.ts";

/** A clock that moves only when told. */
export interface ManualClock extends Clock {
  /** Moves time on and wakes the sleepers whose time has come, in order. */
  advance(durationMs: number): Promise<void>;
}

interface Sleeper {
  dueMs: number;
  wake: () => void;
}

export function createManualClock(startMs = 1_750_000_000_000): ManualClock {
  let currentMs = startMs;
  let sleepers: Sleeper[] = [];

  async function advance(durationMs: number): Promise<void> {
    const endMs = currentMs + durationMs;
    for (;;) {
      const next = sleepers.filter((sleeper) => sleeper.dueMs <= endMs).sort((a, b) => a.dueMs - b.dueMs)[0];
      if (next === undefined) break;
      sleepers = sleepers.filter((sleeper) => sleeper !== next);
      currentMs = Math.max(currentMs, next.dueMs);
      next.wake();
      await new Promise((resolve) => setImmediate(resolve));
    }
    currentMs = endMs;
  }

  function sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason as Error);
        return;
      }
      const sleeper: Sleeper = { dueMs: currentMs + durationMs, wake: resolve };
      sleepers.push(sleeper);
      signal?.addEventListener(
        "abort",
        () => {
          sleepers = sleepers.filter((other) => other !== sleeper);
          reject(signal.reason as Error);
        },
        { once: true },
      );
    });
  }

  return { nowMs: () => currentMs, sleep, advance };
}
