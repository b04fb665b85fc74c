import type { Observation, Step } from "@plumbline/contracts";

/** What the assembler remembers of a run: opaque, bounded, plain JSON. Made and read only by the assembler. */
export type Assembly = Readonly<Record<string, unknown>>;

export interface AssemblyResult {
  state: Assembly;
  /** New steps and revised ones. */
  steps: readonly Step[];
  /** The goal as far as the observations of a run without `supervise` tell it (its first user message); null while unknown. */
  goal: string | null;
}

/** Makes steps of a run's observations: a pure reducer, indifferent to duplicates and to the order of arrival. */
export interface Assembler {
  begin(run: { tenantId: string; runId: string }): Assembly;
  next(state: Assembly, observation: Observation): AssemblyResult;
  /** A recent step's call and result, cut to a line each, for evidence; undefined when it is no longer remembered. */
  evidenceOf(state: Assembly, stepId: string): { call: string; returned: string } | undefined;
}
