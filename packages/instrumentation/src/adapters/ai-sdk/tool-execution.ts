import { type Wire, wireOf } from "../../observe/openai/wire.ts";
import type { Runtime } from "../../runtime.ts";
import { type FrameworkToolTarget, resultOfText, superviseToolCall } from "../shared/tool-call.ts";

/** What the SDK hands over of a tool call that it is about to make. */
export interface ToolExecutionStart<Result> {
  execute: () => PromiseLike<Result>;
  toolCallId: string;
}

/** Stands for what the application keeps to itself; no two calls look the same by it. */
export const notRecorded = (toolCallId: string): Wire => ({ notRecorded: toolCallId });

/**
 * Owns: a tool call of ai 7 on its way through the stages. What the tool brought is told by an event after `executeTool` has
 * returned; the stages wait for it, and the SDK waits for them there. What stands in its place is put into the event.
 */
export class ToolExecution<Result> {
  private readonly toolCallId: string;
  /** With something kept from integrations, the event is a copy: words can only reach the model as an error's. */
  private readonly isShown: boolean;
  private readonly executed = Promise.withResolvers<Result>();
  private readonly told = Promise.withResolvers<unknown>();
  private readonly supervised: Promise<unknown>;
  private replacement: { output: unknown } | undefined;

  constructor(runtime: Runtime, target: FrameworkToolTarget, execution: ToolExecutionStart<Result>) {
    const { recordInputs, recordOutputs } = wireOf(execution);
    this.toolCallId = execution.toolCallId;
    this.isShown = recordInputs !== false && recordOutputs !== false;
    const make = async (): Promise<unknown> => {
      this.executed.resolve(await execution.execute());
      return this.told.promise;
    };
    const answer = (text: string): void => this.replace(text);
    this.supervised = superviseToolCall<unknown>(runtime, target, { make, answer });
    this.supervised.then(
      () => this.executed.resolve(undefined as Result),
      (thrown: unknown) => this.executed.reject(thrown),
    );
  }

  /** Resolves when the tool has done its work, or another answer stands in its place; rejects when it may not, or failed. */
  result(): Promise<Result> {
    return this.executed.promise;
  }

  /** Tells what the tool brought; resolves when that is written down, and the event holds what the model is to read. */
  async ended(event: unknown): Promise<void> {
    const { toolOutput, recordOutputs } = wireOf(event);
    const output = wireOf(toolOutput);
    this.told.resolve(recordOutputs === false ? notRecorded(this.toolCallId) : output["output"]);
    await this.supervised.catch(() => undefined);
    Object.assign(output, this.replacement);
  }

  private replace(text: string): void {
    if (!this.isShown) throw new Error(text);
    this.replacement = { output: resultOfText(text) };
  }
}
