/** What the parent asks of an application that makes model calls, and what it answers. */
export interface ModelCallsOrder {
  calls: number;
}

export interface ModelCallsReport {
  cpuMicros: number;
}
