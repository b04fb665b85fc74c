import type { Clock } from "@plumbline/contracts";

const firstPauseMs = 100;
const longestPauseMs = 5_000;

/**
 * Does something until it succeeds, at least once, with pauses that grow; each failure is told.
 * @param loop with the signal that says to give up after the attempt in work
 * @returns whether it succeeded
 */
export async function patiently(
  loop: { clock: Clock; signal: AbortSignal; onError: (error: unknown) => void },
  action: () => Promise<unknown>,
): Promise<boolean> {
  const { clock, signal, onError } = loop;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    try {
      await action();
      return true;
    } catch (error) {
      if (!signal.aborted) onError(error);
    }
    if (signal.aborted) return false;
    await clock.sleep(pauseMs, signal).catch(() => undefined);
  }
}
