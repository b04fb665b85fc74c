import type { Action } from "../checkpoint/transition.ts";
import type { RunRecord } from "../run/run-record.ts";
import type { Runtime } from "../runtime.ts";
import { asError } from "./as-error.ts";
import { sendCall } from "./send-call.ts";
import type { NormalToolCall } from "./tool-call.ts";
import type { RegisteredTool } from "./tool.ts";

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
    return this.send({ call }, given);
  }

  /** Takes up an action that was in flight when an earlier process of the run ended, as its tool's policy says. */
  settle(action: Action): Promise<string> {
    const { callId, toolName: name, argumentsText } = action;
    const callKey = this.runtime.journals.of(this.run).takeUpCall(action);
    return this.send({ call: { callId, name, argumentsText }, callKey }, { onError: "text" });
  }

  private async send(
    sent: { call: NormalToolCall; callKey?: string },
    given: ExecuteOptions,
  ): Promise<string> {
    const { runtime, run, tools } = this;
    const tool = tools.get(sent.call.name);
    const outcome = await sendCall(runtime, run, { ...sent, tool, tools });
    const onError = given.onError ?? tool?.resilience.onError;
    if (outcome.error !== undefined && onError === "throw") throw asError(outcome.error);
    return outcome.text;
  }
}
