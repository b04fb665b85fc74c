import { messageOf } from "@plumbline/contracts";
import { debugLog } from "./transport/debug-log.ts";

/**
 * Owns: work that follows the answer of a call instead of delaying it, in the order in which it came. It is done when the
 * event loop turns, and earlier where something needs it done: the next gate, a flush, the end of the process.
 */
export class Afterwards {
  private waiting: (() => void)[] = [];

  add(work: () => void): void {
    this.waiting.push(work);
    if (this.waiting.length === 1) setImmediate(() => this.settle());
  }

  /** Does what waits. What fails is logged: nobody is left to hear of it. */
  settle(): void {
    const { waiting } = this;
    if (waiting.length === 0) return;
    this.waiting = [];
    for (const work of waiting) {
      try {
        work();
      } catch (thrown) {
        debugLog("work after a call failed: %s", messageOf(thrown));
      }
    }
  }
}
