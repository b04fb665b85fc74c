import { SetupError } from "@plumbline/contracts";
import { textOf, type Wire, wireOf, wires } from "../../observe/openai/wire.ts";
import { toolCallOwners } from "../../observe/tool-call-owners.ts";
import { processRuntime } from "../../process-environment.ts";
import { currentRun } from "../../run/run-context.ts";
import { type DeclaredTools, isWithinTool, superviseToolCall } from "../shared/tool-call.ts";

type Arguments = [params: unknown, schema?: unknown, options?: unknown];
type CallTool = (this: unknown, ...args: Arguments) => Promise<unknown>;

const instrumentedKey = Symbol.for("plumbline.mcp.instrumented");

/** The texts of a result; a result that says it is an error is one. */
function shownResult(result: unknown): unknown {
  const { content, structuredContent, isError, toolResult } = wireOf(result);
  const texts = wires(content).map((part) => textOf(part["text"]) ?? String(part["type"]));
  const text = texts.join("\n");
  if (isError === true) return new Error(text === "" ? "The tool answered with an error." : text);
  return text === "" ? (structuredContent ?? toolResult) : text;
}

function withSignal(options: unknown, signal: AbortSignal): Wire {
  const theirs = wireOf(options)["signal"];
  const both = theirs instanceof AbortSignal ? AbortSignal.any([theirs, signal]) : signal;
  return { ...wireOf(options), signal: both };
}

/**
 * Puts the `callTool` of a client of `@modelcontextprotocol/sdk` under supervision: gated, observed as a step, cancelled at the
 * server when the run is killed. A call belongs to the run that surrounds it, else to the one run whose model asked for this tool
 * with these arguments; a call of neither is left alone. Doing it twice changes nothing.
 * @throws SetupError when the object is no such client
 */
export function instrumentMcpClient<Client extends object>(
  client: Client,
  declared: DeclaredTools = {},
): Client {
  const target = client as Client & Wire;
  const original = target["callTool"];
  if (typeof original !== "function") {
    throw new SetupError("instrumentMcpClient() was given something that is no MCP client.", {
      code: "NOT_AN_MCP_CLIENT",
      mend: "Pass an instance of the Client class of @modelcontextprotocol/sdk.",
    });
  }
  if (instrumentedKey in target) return client;
  const callTool: CallTool = async function callTool(this: unknown, ...args) {
    const [params, schema, options] = args;
    const { name, arguments: input } = wireOf(params);
    const toolName = textOf(name) ?? "";
    const run = currentRun() ?? toolCallOwners.ofCall(toolName, input);
    const call = original as CallTool;
    // A tool of a framework that only hands the call on was gated by the framework's adapter.
    if (run === undefined || isWithinTool(toolName)) return call.apply(this, args);
    const asked = { toolName, callId: null, input: input ?? {}, traits: declared[toolName] };
    return superviseToolCall(
      processRuntime(),
      { run, call: asked },
      {
        make: (signal) => call.call(this, params, schema, withSignal(options, signal)),
        resultOf: shownResult,
      },
    );
  };
  Object.defineProperties(target, {
    [instrumentedKey]: { value: true },
    callTool: { value: callTool, configurable: true, writable: true },
  });
  return client;
}
