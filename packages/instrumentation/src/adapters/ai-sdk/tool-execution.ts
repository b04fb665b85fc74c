import { type Wire, wireOf } from "../../observe/openai/wire.ts";
import type { Runtime } from "../../runtime.ts";
import type { ToolCallContext } from "../../tool/tool.ts";
import { type FrameworkToolTarget, resultOfText, superviseToolCall } from "../shared/tool-call.ts";

/** What the SDK hands over of a tool call that it is about to make. */
export interface ToolExecutionStart<Result> {
  execute: () => PromiseLike<Result>;
  toolCallId: string;
  /** The application's own tool; empty where it is not shown. */
  tool: Wire;
}

/** With something kept from integrations, events are copies: nothing that is put into them reaches the model. */
export function showsContents(execution: object): boolean {
  const { recordInputs, recordOutputs } = wireOf(execution);
  return recordInputs !== false && recordOutputs !== false;
}

/** Stands for what the application keeps to itself; no two calls look the same by it. */
export const notRecorded = (toolCallId: string): Wire => ({ notRecorded: toolCallId });

const isIterable = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === "object" && value !== null && Symbol.asyncIterator in value;

/** What a tool brings; of one that tells of its work bit by bit, the last bit. */
async function lastOf(made: unknown): Promise<unknown> {
  if (!isIterable(made)) return made;
  let last: unknown;
  for await (const part of made) last = part;
  return last;
}

/**
 * Owns: a tool call of ai 7 on its way through the stages. What the tool brought is told by an event after `executeTool` has
 * returned; the stages wait for it, and the SDK waits for them there. What stands in its place is put into the event.
 */
export class ToolExecution<Result> {
  private readonly toolCallId: string;
  /** Otherwise words can only reach the model as an error's. */
  private readonly isShown: boolean;
  private readonly executed = Promise.withResolvers<Result>();
  private readonly told = Promise.withResolvers<unknown>();
  private readonly supervised: Promise<unknown>;
  private replacement: { output: unknown } | undefined;

  constructor(runtime: Runtime, target: FrameworkToolTarget, execution: ToolExecutionStart<Result>) {
    this.toolCallId = execution.toolCallId;
    this.isShown = showsContents(execution);
    const make = async (input: unknown, call: ToolCallContext): Promise<unknown> => {
      if (input !== target.call.input) return this.makeWith(input, execution, call);
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

  /** Calls the tool in the place of the SDK, which has the model's own arguments. */
  private async makeWith(
    input: unknown,
    execution: ToolExecutionStart<Result>,
    { signal: abortSignal }: ToolCallContext,
  ): Promise<unknown> {
    const { toolCallId, tool } = execution;
    const { messages, toolContext: context } = wireOf(execution);
    const execute = tool["execute"] as (input: unknown, options: object) => unknown;
    const options = { toolCallId, messages, abortSignal, context };
    const output = await lastOf(execute.call(tool, input, options));
    this.replacement = { output };
    return output;
  }

  private replace(text: string): void {
    if (!this.isShown) throw new Error(text);
    this.replacement = { output: resultOfText(text) };
  }
}
