import { systemClock } from "@plumbline/contracts";
import type { Bus } from "../bus.ts";
import { LocalBus, type LocalBusOptions } from "../local-bus/local-bus.ts";
import { MemoryLog } from "./memory-log.ts";

/** A bus that forgets everything with the process: for tests and demonstrations. */
export function createMemoryBus(options: Partial<LocalBusOptions> = {}): Bus {
  return new LocalBus(new MemoryLog(), { clock: systemClock, ...options });
}
