import { type Monitor, promptAckOf } from "@plumbline/detection";

/**
 * A monitor that takes every run for one with a gate, and every command for one that reached the agent at once: what it
 * decides is what it would have done to a run that nobody held.
 */
export function asIfGated<State>(monitor: Monitor<State>): Monitor<State> {
  return {
    begin(identity) {
      const beginning = { type: "run-start", goal: "", limits: {}, hasGate: true, atMs: 0 } as const;
      return monitor.next(monitor.begin(identity), beginning).state;
    },
    next(before, input) {
      const told = input.type === "run-start" ? { ...input, hasGate: true } : input;
      const { state, outputs } = monitor.next(before, told);
      let acked = state;
      for (const output of outputs) {
        if (output.type !== "command") continue;
        acked = monitor.next(acked, { type: "ack", ack: promptAckOf(output.command) }).state;
      }
      return { state: acked, outputs };
    },
    rules: monitor.rules,
    progressOf: (state) => monitor.progressOf(state),
    quietUntilMs: (state, nowMs) => monitor.quietUntilMs(state, nowMs),
  };
}
