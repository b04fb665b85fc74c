import { wireOf } from "../../observe/openai/wire.ts";
import { toolCallOwners } from "../../observe/tool-call-owners.ts";
import { processRuntime } from "../../process-environment.ts";
import { currentRun } from "../../run/run-context.ts";
import type { RunRecord } from "../../run/run-record.ts";
import { type DeclaredTools, GatedToolCall, superviseToolCall } from "../shared/tool-call.ts";

type Execute = (this: unknown, input: unknown, options: unknown) => unknown;

interface NamedTool {
  name: string;
  execute: Execute;
  declared: DeclaredTools;
}

const isGenerator = (fn: Execute): boolean =>
  Object.prototype.toString.call(fn) === "[object AsyncGeneratorFunction]";

function callOf({ name, declared }: NamedTool, input: unknown, options: unknown) {
  const callId = wireOf(options)["toolCallId"];
  const run: RunRecord | undefined = currentRun() ?? toolCallOwners.of(callId);
  const call = {
    toolName: name,
    callId: typeof callId === "string" ? callId : null,
    input,
    traits: declared[name],
  };
  return { run, call };
}

function supervisedGenerator(tool: NamedTool): Execute {
  return async function* execute(this: unknown, input, options) {
    const { run, call } = callOf(tool, input, options);
    const parts = (): AsyncIterable<unknown> =>
      tool.execute.call(this, input, options) as AsyncIterable<unknown>;
    if (run === undefined) {
      yield* parts();
      return;
    }
    const open = await GatedToolCall.open(processRuntime(), run, call);
    const iterator = parts()[Symbol.asyncIterator]();
    let last: unknown;
    try {
      for (;;) {
        const next = await open.perform(() => iterator.next());
        if (next.done === true) break;
        last = next.value;
        yield last;
      }
      open.succeeded(last);
    } catch (thrown) {
      open.failed(thrown);
      throw thrown;
    } finally {
      open.succeeded(last);
    }
  };
}

function supervisedFunction(tool: NamedTool): Execute {
  return async function execute(this: unknown, input, options) {
    const { run, call } = callOf(tool, input, options);
    const make = async (): Promise<unknown> => tool.execute.call(this, input, options);
    return run === undefined ? make() : superviseToolCall(processRuntime(), { run, call }, { make });
  };
}

/**
 * Puts the tools of the AI SDK under supervision: the same set, each `execute` gated and observed. For ai 5 and 6; under
 * ai 7 `registerTelemetry(plumbline())` does it. A tool belongs to the run that surrounds it, else to the one whose model, under
 * `instrumentModel`, asked for the call; a call of neither is left alone.
 */
export function instrumentTools<Tools extends object>(tools: Tools, declared: DeclaredTools = {}): Tools {
  processRuntime().observesTools = true;
  const entries = Object.entries(tools).map(([name, tool]: [string, unknown]) => {
    const { execute } = wireOf(tool);
    if (typeof execute !== "function") return [name, tool];
    const named: NamedTool = { name, execute: execute as Execute, declared };
    const supervised = isGenerator(named.execute) ? supervisedGenerator(named) : supervisedFunction(named);
    return [name, { ...(tool as object), execute: supervised }];
  });
  return Object.fromEntries(entries) as Tools;
}
