/** Where a component gets time from. All times are milliseconds since the Unix epoch. */
export interface Clock {
  nowMs(): number;
  /** Resolves after `durationMs`, or rejects with the signal's reason when it aborts first. */
  sleep(durationMs: number, signal?: AbortSignal): Promise<void>;
}

/** Where a component gets randomness from: a number in [0, 1). */
export interface Random {
  next(): number;
}

/** Where a component gets identifiers that need not be deterministic from. */
export interface IdSource {
  next(): string;
}

function sleepOnTimer(durationMs: number, signal?: AbortSignal): Promise<void> {
  return sleepOn((wake) => setTimeout(wake, durationMs), signal);
}

function sleepInBackground(durationMs: number, signal?: AbortSignal): Promise<void> {
  return sleepOn((wake) => setTimeout(wake, durationMs).unref(), signal);
}

function sleepOn(
  start: (wake: () => void) => NodeJS.Timeout,
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason as Error);
      return;
    }
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = start(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    });
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

export const systemClock: Clock = { nowMs: () => Date.now(), sleep: sleepOnTimer };
/** The system clock, except that its sleepers never keep the process alive. */
export const backgroundClock: Clock = { nowMs: () => Date.now(), sleep: sleepInBackground };
export const systemRandom: Random = { next: () => Math.random() };
export const systemIds: IdSource = { next: () => globalThis.crypto.randomUUID() };
