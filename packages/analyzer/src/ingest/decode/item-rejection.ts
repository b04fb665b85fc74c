import { isPlumblineError } from "@plumbline/contracts";

/** Told of a span or log record that can't be read; the rest of its request is. */
export type OnRejected = (reason: string) => void;

/** Reads one item; one that is bad is reported and left out if someone listens, else it fails the whole. */
export function readOrReject<Item>(read: () => Item, onRejected: OnRejected | undefined): Item | undefined {
  if (onRejected === undefined) return read();
  try {
    return read();
  } catch (error) {
    if (!isPlumblineError(error)) throw error;
    onRejected(error.message);
    return undefined;
  }
}
