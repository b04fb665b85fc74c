import { messageOf } from "@plumbline/contracts";
import { NotDoneError } from "../errors.ts";
import type { Runtime } from "../runtime.ts";
import type { RunRecord } from "./run-record.ts";

/** True: done. A text: what is missing, for the model and for people. False: not done, and nothing more to say. */
export type DoneVerdict = boolean | string;

/** Tells whether an output is what the run was to achieve; see `doneWhen` of `supervise`. */
export type DoneWhen<Output> = (
  output: Output,
  state: { phase: string | null },
) => DoneVerdict | Promise<DoneVerdict>;

export type DoneCheckResult = { done: true } | { done: false; problem: string };

/** Holds a run to the check that it declared: a "done" that fails it is a finding, not a success. */
export class DoneCheck<Output> {
  private readonly runtime: Runtime;
  private readonly run: RunRecord;
  private readonly doneWhen: DoneWhen<Output> | undefined;

  constructor(runtime: Runtime, run: RunRecord, doneWhen: DoneWhen<Output> | undefined) {
    this.runtime = runtime;
    this.run = run;
    this.doneWhen = doneWhen;
  }

  /** Whether the output counts as done; a failed check is reported. */
  async check(output: Output): Promise<DoneCheckResult> {
    const problem = await this.problemOf(output);
    if (problem === null) return { done: true };
    this.runtime.findings.notice(this.run, {
      kind: "hidden-failure",
      guard: "done-check",
      signature: "done",
      summary: `The agent said it was done, and the check of the run says it is not: ${problem}`,
      intervention: "nudge",
    });
    return { done: false, problem };
  }

  /** @throws NotDoneError when the check fails */
  async require(output: Output): Promise<void> {
    const result = await this.check(output);
    if (!result.done) throw new NotDoneError(this.run.runId, result.problem);
  }

  private async problemOf(output: Output): Promise<string | null> {
    if (this.doneWhen === undefined) return null;
    try {
      const verdict = await this.doneWhen(output, { phase: this.run.phases.current });
      if (verdict === true) return null;
      return typeof verdict === "string" && verdict !== "" ? verdict : "it gave no reason";
    } catch (thrown) {
      return `the check itself failed: ${messageOf(thrown)}`;
    }
  }
}
