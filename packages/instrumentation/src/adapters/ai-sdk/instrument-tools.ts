import { wireOf } from "../../observe/openai/wire.ts";
import { processRuntime } from "../../process-environment.ts";
import type { RunRecord } from "../../run/run-record.ts";
import { type DeclaredTools, type ToolPolicy, toolPolicies } from "../../tool/declared-tool.ts";
import type { ToolCallContext } from "../../tool/tool.ts";
import { inputCheck } from "../shared/check-input.ts";
import {
  type FrameworkToolCall,
  resultOfText,
  runOfToolCall,
  signalOf,
  superviseToolCall,
} from "../shared/tool-call.ts";
import { PartRelay } from "./part-relay.ts";

type Execute = (this: unknown, input: unknown, options: unknown) => unknown;

interface NamedTool {
  name: string;
  description: string | undefined;
  inputSchema: unknown;
  execute: Execute;
  policy: ToolPolicy;
}

const isGenerator = (fn: Execute): boolean =>
  Object.prototype.toString.call(fn) === "[object AsyncGeneratorFunction]";

function callOf(tool: NamedTool, input: unknown, options: unknown): FrameworkToolCall {
  const callId = wireOf(options)["toolCallId"];
  const { inputSchema } = tool;
  return {
    toolName: tool.name,
    callId: typeof callId === "string" ? callId : null,
    input,
    description: tool.description,
    signal: signalOf(options, "abortSignal"),
    isChecked: true,
    check: inputCheck(inputSchema),
  };
}

const withSignal = (options: unknown, { signal: abortSignal }: ToolCallContext) => ({
  ...wireOf(options),
  abortSignal,
});

function supervised(
  tool: NamedTool,
  { run, call }: { run: RunRecord; call: FrameworkToolCall },
  make: (input: unknown, call: ToolCallContext) => Promise<unknown>,
): Promise<unknown> {
  const target = { run, call, policy: tool.policy };
  return superviseToolCall<unknown>(processRuntime(), target, { make, answer: resultOfText });
}

function supervisedGenerator(tool: NamedTool): Execute {
  return async function* execute(this: unknown, input, options) {
    const call = callOf(tool, input, options);
    const run = runOfToolCall(call.callId);
    const parts = (given: unknown, details: unknown): AsyncIterable<unknown> =>
      tool.execute.call(this, given, details) as AsyncIterable<unknown>;
    if (run === undefined) {
      yield* parts(input, options);
      return;
    }
    const relay = new PartRelay();
    const done = supervised(tool, { run, call }, (given, details) =>
      relay.take(parts(given, withSignal(options, details))),
    );
    yield* relay.until(done);
  };
}

function supervisedFunction(tool: NamedTool): Execute {
  return async function execute(this: unknown, input, options) {
    const call = callOf(tool, input, options);
    const run = runOfToolCall(call.callId);
    if (run === undefined) return tool.execute.call(this, input, options);
    return supervised(tool, { run, call }, async (given, details) =>
      tool.execute.call(this, given, withSignal(options, details)),
    );
  };
}

/**
 * Puts the tools of the AI SDK under supervision: the same set, each `execute` sent through the stages. For ai 5 and 6; under
 * ai 7 `registerTelemetry(plumbline())` does it. A tool belongs to the run that surrounds it, else to the one whose model, under
 * `instrumentModel`, asked for the call; a call of neither is left alone.
 * @param declared what is known about the tools, by name
 * @throws SetupError or RejectedError when a tool can't be declared so
 */
export function instrumentTools<Tools extends object>(tools: Tools, declared: DeclaredTools = {}): Tools {
  processRuntime().observesTools = true;
  const policies = toolPolicies(declared);
  const entries = Object.entries(tools).map(([name, tool]: [string, unknown]) => {
    const { execute, description, inputSchema } = wireOf(tool);
    if (typeof execute !== "function") return [name, tool];
    const named: NamedTool = {
      name,
      description: typeof description === "string" ? description : undefined,
      inputSchema,
      execute: execute as Execute,
      policy: policies(name),
    };
    const wrapped = isGenerator(named.execute) ? supervisedGenerator(named) : supervisedFunction(named);
    return [name, { ...(tool as object), execute: wrapped }];
  });
  return Object.fromEntries(entries) as Tools;
}
