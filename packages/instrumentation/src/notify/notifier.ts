import type { Notification } from "@plumbline/contracts";

/** Tells people, wherever they are. */
export interface Notifier {
  /** Returns at once and never throws; what can't be delivered is tried again, then counted. */
  notify(notification: Notification): void;
  /** Sends what still waits, for at most that long. */
  flush(timeoutMs: number): Promise<void>;
}

export const noNotifier: Notifier = { notify: () => undefined, flush: () => Promise.resolve() };
