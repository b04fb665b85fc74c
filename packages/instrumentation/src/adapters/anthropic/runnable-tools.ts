import { messageOf } from "@plumbline/contracts";
import { isWire, textOf, type Wire, wireOf, wires } from "../../observe/openai/wire.ts";
import type { Runtime } from "../../runtime.ts";
import type { ToolCallContext } from "../../tool/tool.ts";
import type { ToolPolicies, ToolPolicy } from "../../tool/declared-tool.ts";
import {
  type FrameworkToolCall,
  resultOfText,
  runOfToolCall,
  signalOf,
  superviseToolCall,
} from "../shared/tool-call.ts";

type Run = (input: unknown, context?: unknown) => unknown;
type ToolRunner = (this: unknown, body: unknown, options?: unknown) => unknown;

const patchedKey = Symbol.for("plumbline.anthropic.tool-runner-patched");

/** Arguments that a person puts in the place of the model's are read as the runner reads the model's. */
function checkOf(tool: Wire): FrameworkToolCall["check"] {
  const { parse } = tool;
  if (typeof parse !== "function") return undefined;
  return (input) => {
    try {
      return { ok: true, value: (parse as (input: unknown) => unknown).call(tool, input) };
    } catch (thrown) {
      return { ok: false, problems: messageOf(thrown) };
    }
  };
}

/** Content blocks that were made into text as those; the rest as text. */
function contentOf(text: string): unknown {
  const value = resultOfText(text);
  const isContent = Array.isArray(value) && value.every((block) => typeof wireOf(block)["type"] === "string");
  return isContent ? value : text;
}

function supervisedRun(tool: Wire, runtimeOf: () => Runtime, policy: ToolPolicy): Run {
  const { name, description, run } = tool;
  const execute = run as Run;
  return async (input, context) => {
    const { toolUse, toolUseBlock } = wireOf(context);
    const call: FrameworkToolCall = {
      toolName: textOf(name) ?? "",
      callId: textOf(wireOf(toolUse ?? toolUseBlock)["id"]),
      input,
      description: textOf(description) ?? undefined,
      signal: signalOf(context),
      isChecked: true,
      check: checkOf(tool),
    };
    const owner = runOfToolCall(call.callId);
    if (owner === undefined) return execute.call(tool, input, context);
    const make = async (given: unknown, { signal }: ToolCallContext): Promise<unknown> =>
      execute.call(tool, given, { ...wireOf(context), signal });
    return superviseToolCall(runtimeOf(), { run: owner, policy, call }, { make, answer: contentOf });
  };
}

/** A tool that the client's runner runs, supervised; everything else of it stays, marks of the client included. */
function supervisedTool(tool: Wire, runtimeOf: () => Runtime, policies: ToolPolicies): Wire {
  const { run: original, name } = tool;
  if (typeof original !== "function" || typeof name !== "string") return tool;
  const run = supervisedRun(tool, runtimeOf, policies(name));
  const descriptors = Object.getOwnPropertyDescriptors(tool);
  const value = { ...descriptors, run: { value: run, enumerable: true, writable: true, configurable: true } };
  return Object.create(Object.getPrototypeOf(tool) as object, value) as Wire;
}

function supervisedBody(body: unknown, runtimeOf: () => Runtime, policies: ToolPolicies): unknown {
  if (!isWire(body) || !Array.isArray(body["tools"])) return body;
  runtimeOf().observesTools = true;
  return { ...body, tools: wires(body["tools"]).map((tool) => supervisedTool(tool, runtimeOf, policies)) };
}

/** Wraps `beta.messages.toolRunner` of a client, so that the tools it runs go through the stages. */
export function patchToolRunner(client: object, runtimeOf: () => Runtime, policies: ToolPolicies): void {
  const messages = wireOf(wireOf(wireOf(client)["beta"])["messages"]);
  const { toolRunner } = messages;
  if (typeof toolRunner !== "function" || patchedKey in messages) return;
  Object.defineProperty(messages, patchedKey, { value: true });
  const original = toolRunner as ToolRunner;
  messages["toolRunner"] = function patched(this: unknown, body: unknown, options?: unknown): unknown {
    return original.call(this, supervisedBody(body, runtimeOf, policies), options);
  };
}
