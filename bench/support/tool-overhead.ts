/** What a process of `tool-overhead` is asked for. */
export interface OverheadOrder {
  calls: number;
  /** How many tools take turns. */
  tools: number;
}

export interface OverheadReport {
  /** Time that passes from the call to its answer. */
  microsPerCall: number;
  /** CPU of all threads of the process, until everything is delivered and the event loop has turned after each call. */
  cpuMicrosPerCall: number;
}
