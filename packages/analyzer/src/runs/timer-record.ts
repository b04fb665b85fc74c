import type { BusRecord } from "@plumbline/bus";
import type { Timer } from "@plumbline/contracts";

const encoder = new TextEncoder();

/** A moment on the log, for all runs of a partition: a replay sees the same passing of time. */
export function timerRecord(partition: number, nowMs: number): BusRecord {
  const timer: Timer = { version: 1, kind: "timer", nowMs };
  return { key: null, value: encoder.encode(JSON.stringify(timer)), partition };
}
