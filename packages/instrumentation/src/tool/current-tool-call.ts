import { AsyncLocalStorage } from "node:async_hooks";
import type { ToolCallContext } from "./tool.ts";

const storage = new AsyncLocalStorage<ToolCallContext>();

/**
 * The supervised tool call that the current code is the work of, with its idempotency key and its signal: for tools of
 * frameworks, which hand their tools nothing of ours. Undefined outside tools and in tools that nobody supervises.
 */
export const currentToolCall = (): ToolCallContext | undefined => storage.getStore();

/** Runs a function as the work of a tool call. */
export function withToolCall<Result>(call: ToolCallContext, fn: () => Result): Result {
  return storage.run(call, fn);
}
