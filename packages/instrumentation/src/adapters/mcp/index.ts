import { SetupError } from "@plumbline/contracts";
import { isWire, textOf, type Wire, wireOf, wires } from "../../observe/openai/wire.ts";
import { toolCallOwners } from "../../observe/tool-call-owners.ts";
import { processRuntime } from "../../process-environment.ts";
import { currentRun } from "../../run/run-context.ts";
import { type DeclaredTools, toolPolicies } from "../../tool/declared-tool.ts";
import {
  type FrameworkToolCall,
  isWithinTool,
  resultOfText,
  signalOf,
  superviseToolCall,
} from "../shared/tool-call.ts";

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

/** What servers may read the key of a call from, in its `_meta`. */
const idempotencyMeta = "plumbline/idempotencyKey";

/** The request with what stands in the place of its arguments, and its idempotency key. */
function requestOf(params: Wire, given: Wire, key: string): Wire {
  return { ...params, ...given, _meta: { ...wireOf(params["_meta"]), [idempotencyMeta]: key } };
}

/** A result from which the model reads a text. */
function resultWith(text: string, isError: boolean): Wire {
  const value = resultOfText(text);
  const structured = isWire(value) && !isError ? { structuredContent: value } : {};
  return { content: [{ type: "text", text }], isError, ...structured };
}

/**
 * Puts the `callTool` of a client of `@modelcontextprotocol/sdk` under supervision: sent through the stages, cancelled at the
 * server when the run is killed. A call belongs to the run that surrounds it, else to the one run whose model asked for this tool
 * with these arguments; a call of neither is left alone. Doing it twice changes nothing.
 * @param declared what is known about the tools, by name
 * @throws SetupError when the object is no such client; SetupError or RejectedError when a tool can't be declared so
 */
export function instrumentMcpClient<Client extends object>(
  client: Client,
  declared: DeclaredTools = {},
): Client {
  const policies = toolPolicies(declared);
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
    const asked: FrameworkToolCall = {
      toolName,
      callId: null,
      input: input ?? {},
      signal: signalOf(options),
      // By the server, within the call.
      isChecked: false,
    };
    return superviseToolCall<unknown>(
      processRuntime(),
      { run, policy: policies(toolName), call: asked },
      {
        make: (given, { signal, idempotencyKey }) => {
          const edited = given === asked.input ? {} : { arguments: given };
          const request = requestOf(wireOf(params), edited, idempotencyKey);
          return call.call(this, request, schema, { ...wireOf(options), signal });
        },
        resultOf: shownResult,
        answer: (text) => resultWith(text, false),
        refuse: (text) => resultWith(text, true),
      },
    );
  };
  Object.defineProperties(target, {
    [instrumentedKey]: { value: true },
    callTool: { value: callTool, configurable: true, writable: true },
  });
  return client;
}
