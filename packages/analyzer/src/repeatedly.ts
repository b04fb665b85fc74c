import type { Clock } from "@plumbline/contracts";

/** Does something every `intervalMs` until the signal aborts. What goes wrong is told, and it is done again. */
export async function repeatedly(
  loop: { clock: Clock; signal: AbortSignal; intervalMs: number; onError: (error: unknown) => void },
  action: () => Promise<void> | void,
): Promise<void> {
  const { clock, signal, intervalMs, onError } = loop;
  while (!signal.aborted) {
    try {
      await clock.sleep(intervalMs, signal);
      await action();
    } catch (error) {
      if (!signal.aborted) onError(error);
    }
  }
}
