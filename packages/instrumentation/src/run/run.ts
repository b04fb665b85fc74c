import type { z } from "zod";
import type { Runtime } from "../runtime.ts";
import {
  type OpenAIToolDefinition,
  type RegisteredTool,
  registerTool,
  toolDefinition,
  type ToolDefinition,
} from "../tool/tool.ts";
import { type AnyToolCall, normalCall, toolAnswer, type ToolAnswer } from "../tool/tool-call.ts";
import { ToolExecutor } from "../tool/tool-executor.ts";
import type { RunRecord } from "./run-record.ts";

/** What the function given to `supervise` works with. */
export interface Run {
  readonly id: string;
  readonly goal: string;
  /** Aborts when the run is killed; its reason is the RunKilledError. */
  readonly signal: AbortSignal;
  /** The registered tools in the form that chat completions take. */
  readonly toolDefinitions: OpenAIToolDefinition[];
  /**
   * Registers a tool; one of the same name is replaced.
   * @throws RejectedError when the name or the schema can't be used
   */
  tool<Parameters extends z.ZodType>(definition: ToolDefinition<Parameters>): void;
  /**
   * Runs the model's tool calls at once and gives their answers in the same order. What goes wrong in a tool comes
   * back as text for the model.
   * @throws RunStoppedError when the run was killed, paused to exit or over budget
   */
  execute<Call extends AnyToolCall>(calls: readonly Call[] | null | undefined): Promise<ToolAnswer<Call>[]>;
}

export function createRun(runtime: Runtime, record: RunRecord, signal: AbortSignal): Run {
  const tools = new Map<string, RegisteredTool>();
  const executor = new ToolExecutor(runtime, record, tools);
  return {
    id: record.runId,
    goal: record.declaration.goal,
    signal,
    get toolDefinitions() {
      return [...tools.values()].map((tool) => toolDefinition(tool));
    },
    tool(definition) {
      tools.set(definition.name, registerTool(definition));
    },
    async execute(calls) {
      const given = calls ?? [];
      const settled = await Promise.allSettled(given.map((call) => executor.execute(normalCall(call))));
      return settled.map((result, index) => {
        if (result.status === "rejected") throw result.reason;
        return toolAnswer(given[index] as (typeof given)[number], result.value);
      });
    },
  };
}
