import { readFileSync } from "node:fs";

/** What a process holds in memory; 0 where the operating system has no /proc. */
export function residentBytes(processId: number): number {
  try {
    const status = readFileSync(`/proc/${String(processId)}/status`, "utf8");
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
