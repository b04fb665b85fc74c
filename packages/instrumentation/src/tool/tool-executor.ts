import { messageOf } from "@plumbline/contracts";
import type { Action } from "../checkpoint/transition.ts";
import type { RunRecord } from "../run/run-record.ts";
import type { Runtime } from "../runtime.ts";
import { Cancellation } from "./cancellation.ts";
import { canonicalArguments } from "./canonical-arguments.ts";
import type { NormalToolCall } from "./tool-call.ts";
import type { ToolOutcome } from "./tool-stage.ts";
import { runToolStages } from "./tool-stages.ts";
import type { RegisteredTool } from "./tool.ts";

const asError = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new Error(messageOf(thrown), { cause: thrown });

export interface ExecuteOptions {
  /** What to do with a tool's failure; as the tool has it when left out. */
  onError?: "text" | "throw";
}

/** Sends the tool calls of one run through the stages. */
export class ToolExecutor {
  private readonly runtime: Runtime;
  private readonly run: RunRecord;
  private readonly tools: ReadonlyMap<string, RegisteredTool>;

  constructor(runtime: Runtime, run: RunRecord, tools: ReadonlyMap<string, RegisteredTool>) {
    this.runtime = runtime;
    this.run = run;
    this.tools = tools;
  }

  /**
   * Runs one call and gives its result, or what went wrong, as text for the model.
   * @throws RunStoppedError when the run was stopped before or meanwhile; the failure of the tool with `onError: "throw"`
   */
  execute(call: NormalToolCall, given: ExecuteOptions = {}): Promise<string> {
    const { journals } = this.runtime;
    const same = `${call.name}\n${canonicalArguments(call.argumentsText)}`;
    return this.send(call, journals.of(this.run).beginCall(same), given);
  }

  /** Takes up an action that was in flight when an earlier process of the run ended, as its tool's policy says. */
  settle(action: Action): Promise<string> {
    const { callId, toolName: name, argumentsText } = action;
    const callKey = this.runtime.journals.of(this.run).takeUpCall(action);
    return this.send({ callId, name, argumentsText }, callKey, { onError: "text" });
  }

  private async send(call: NormalToolCall, callKey: string, given: ExecuteOptions): Promise<string> {
    try {
      const outcome = await this.throughStages(call, callKey);
      const onError = given.onError ?? this.tools.get(call.name)?.resilience.onError;
      if (outcome.error !== undefined && onError === "throw") throw asError(outcome.error);
      return outcome.text;
    } finally {
      this.runtime.journals.of(this.run).endCall(callKey);
    }
  }

  private throughStages(call: NormalToolCall, callKey: string): Promise<ToolOutcome> {
    const { runtime, run, tools } = this;
    return runToolStages({
      runtime,
      run,
      toolName: call.name,
      callId: call.callId,
      argumentsText: call.argumentsText,
      tool: tools.get(call.name),
      tools,
      callKey,
      idempotencyKey: callKey,
      cancellation: new Cancellation(),
      stepId: "",
      input: undefined,
      learned: {
        stepId: "",
        authorisedBy: null,
        performedAtMs: null,
        attempts: 0,
        timedOut: false,
        ungroundedIds: [],
        argumentsText: call.argumentsText,
      },
    });
  }
}
