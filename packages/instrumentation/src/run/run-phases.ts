import { RejectedError } from "@plumbline/contracts";

/** The agent's own phases: from each the ones it may go to. The first one is where a run begins. */
export type PhaseGraph = Readonly<Record<string, readonly string[]>>;

/** Problems of a declared graph, for the message that refuses it; empty when there are none. */
export function problemsOfPhases(phases: PhaseGraph): string[] {
  const names = new Set(Object.keys(phases));
  if (names.size === 0) return ["phases are declared, and there are none"];
  return Object.entries(phases).flatMap(([from, targets]) =>
    targets.filter((to) => !names.has(to)).map((to) => `phase "${from}" leads to "${to}", which is no phase`),
  );
}

/** An attempt to enter a phase that the declared graph does not lead to. */
export class IllegalPhaseError extends RejectedError {
  readonly from: string;
  readonly to: string;

  constructor(from: string, to: string, allowed: readonly string[]) {
    super(`The phase can't change from "${from}" to "${to}".`, {
      code: "ILLEGAL_PHASE",
      mend: allowed.length === 0 ? `"${from}" is the last phase.` : `From here: ${allowed.join(", ")}.`,
    });
    this.from = from;
    this.to = to;
  }
}

/** Where a run stands in the phases that its agent declared. */
export class RunPhases {
  private readonly graph: PhaseGraph;
  private phase: string | null;

  constructor(graph: PhaseGraph | undefined) {
    this.graph = graph ?? {};
    this.phase = Object.keys(this.graph)[0] ?? null;
  }

  /** Null when none were declared. */
  get current(): string | null {
    return this.phase;
  }

  /**
   * @throws IllegalPhaseError when the graph does not lead there; RejectedError when no phases were declared
   */
  enter(to: string): void {
    const from = this.phase;
    if (from === null) {
      throw new RejectedError(`There is no phase "${to}": the run declared none.`, {
        code: "NO_PHASES",
        mend: "Declare `phases` in supervise().",
      });
    }
    const allowed = this.graph[from] ?? [];
    if (!allowed.includes(to)) throw new IllegalPhaseError(from, to, allowed);
    this.phase = to;
  }
}
