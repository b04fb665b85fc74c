/** What the parent asks of an application that makes calls, and what it answers. */
export interface CallsOrder {
  calls: number;
}

export interface CallsReport {
  /** CPU microseconds per call, of all threads of the process. */
  cpuPerCall: number;
}
