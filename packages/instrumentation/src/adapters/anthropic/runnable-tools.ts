import { isWire, textOf, type Wire, wireOf, wires } from "../../observe/openai/wire.ts";
import { toolCallOwners } from "../../observe/tool-call-owners.ts";
import { currentRun } from "../../run/run-context.ts";
import type { Runtime } from "../../runtime.ts";
import { superviseToolCall } from "../shared/tool-call.ts";

type Run = (input: unknown, context?: unknown) => unknown;
type ToolRunner = (this: unknown, body: unknown, options?: unknown) => unknown;

const patchedKey = Symbol.for("plumbline.anthropic.tool-runner-patched");

/** A tool that the client's runner runs, gated; everything else of it stays, marks of the client included. */
function gatedTool(tool: Wire, runtimeOf: () => Runtime): Wire {
  const { run: original, name } = tool;
  if (typeof original !== "function" || typeof name !== "string") return tool;
  const execute = original as Run;
  const run: Run = async (input, context) => {
    const callId = textOf(wireOf(wireOf(context)["toolUse"] ?? wireOf(context)["toolUseBlock"])["id"]);
    const owner = currentRun() ?? toolCallOwners.of(callId);
    const make = async (): Promise<unknown> => execute.call(tool, input, context);
    if (owner === undefined) return make();
    const call = { toolName: name, callId, input };
    return superviseToolCall(runtimeOf(), { run: owner, call }, { make });
  };
  const descriptors = Object.getOwnPropertyDescriptors(tool);
  const value = { ...descriptors, run: { value: run, enumerable: true, writable: true, configurable: true } };
  return Object.create(Object.getPrototypeOf(tool) as object, value) as Wire;
}

function gatedBody(body: unknown, runtimeOf: () => Runtime): unknown {
  if (!isWire(body) || !Array.isArray(body["tools"])) return body;
  runtimeOf().observesTools = true;
  return { ...body, tools: wires(body["tools"]).map((tool) => gatedTool(tool, runtimeOf)) };
}

/** Wraps `beta.messages.toolRunner` of a client, so that the tools it runs are gated. */
export function patchToolRunner(client: object, runtimeOf: () => Runtime): void {
  const messages = wireOf(wireOf(wireOf(client)["beta"])["messages"]);
  const { toolRunner } = messages;
  if (typeof toolRunner !== "function" || patchedKey in messages) return;
  Object.defineProperty(messages, patchedKey, { value: true });
  const original = toolRunner as ToolRunner;
  messages["toolRunner"] = function patched(this: unknown, body: unknown, options?: unknown): unknown {
    return original.call(this, gatedBody(body, runtimeOf), options);
  };
}
