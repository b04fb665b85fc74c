/** What a process of `tool-overhead` is asked for. */
export interface OverheadOrder {
  calls: number;
  /** How many tools take turns. */
  tools: number;
}

export interface OverheadReport {
  /** Time that passes. */
  microsPerCall: number;
  /** CPU of all threads of the process. */
  cpuMicrosPerCall: number;
}
