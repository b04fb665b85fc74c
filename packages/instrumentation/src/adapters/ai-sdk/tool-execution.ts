import type { Runtime } from "../../runtime.ts";
import { type FrameworkToolTarget, superviseToolCall } from "../shared/tool-call.ts";

/** The SDK takes the output from the tool itself: words in its place can only be an error's. */
function answer(text: string): never {
  throw new Error(text);
}

/**
 * Owns: a tool call of ai 7 on its way through the stages. What the tool brought is told by an event after `executeTool` has
 * returned; the stages wait for it, and the SDK waits for them there.
 */
export class ToolExecution<Result> {
  private readonly executed = Promise.withResolvers<Result>();
  private readonly told = Promise.withResolvers<unknown>();
  private readonly supervised: Promise<unknown>;

  constructor(runtime: Runtime, target: FrameworkToolTarget, execute: () => PromiseLike<Result>) {
    const make = async (): Promise<unknown> => {
      this.executed.resolve(await execute());
      return this.told.promise;
    };
    this.supervised = superviseToolCall<unknown>(runtime, target, { make, answer });
    this.supervised.catch((thrown: unknown) => this.executed.reject(thrown));
  }

  /** Resolves when the tool has done its work; rejects when it may not, or failed. */
  result(): Promise<Result> {
    return this.executed.promise;
  }

  /** Tells what the tool brought; resolves when that is written down. */
  async ended(output: unknown): Promise<void> {
    this.told.resolve(output);
    await this.supervised.catch(() => undefined);
  }
}
