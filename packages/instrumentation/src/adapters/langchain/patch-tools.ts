import { textOf, type Wire, wireOf } from "../../observe/openai/wire.ts";
import { toolCallOwners } from "../../observe/tool-call-owners.ts";
import { currentRun } from "../../run/run-context.ts";
import type { Runtime } from "../../runtime.ts";
import { superviseToolCall } from "../shared/tool-call.ts";
import type { LangChainCore } from "./load-core.ts";

type Arguments = [input: unknown, config?: unknown, tags?: unknown];
type Call = (this: Wire, ...args: Arguments) => Promise<unknown>;

const patchedKey = Symbol.for("plumbline.langchain.tools-patched");

/** What the model gets to read of a tool message; anything else as it is. */
function shownResult(result: unknown): unknown {
  const { content, tool_call_id: callId, status } = wireOf(result);
  if (callId === undefined) return result;
  return status === "error" ? new Error(textOf(content) ?? "the tool failed") : content;
}

/** Wraps the call of every tool, so that it is gated and observed where it belongs to a run. */
export function patchTools({ StructuredTool }: LangChainCore, runtimeOf: () => Runtime): void {
  const prototype = StructuredTool.prototype as Wire;
  const original = prototype["call"];
  if (typeof original !== "function" || Object.hasOwn(prototype, patchedKey)) return;
  Object.defineProperty(prototype, patchedKey, { value: true });
  prototype["call"] = async function call(this: Wire, ...args: Arguments): Promise<unknown> {
    const [input, config] = args;
    const asked = wireOf(wireOf(config)["toolCall"]);
    const callId = textOf(asked["id"]) ?? textOf(wireOf(input)["id"]);
    const run = currentRun() ?? toolCallOwners.of(callId);
    const make = (): Promise<unknown> => (original as Call).apply(this, args);
    if (run === undefined) return make();
    const runtime = runtimeOf();
    runtime.observesTools = true;
    const name = textOf(this["name"]) ?? "";
    const named = { toolName: name, callId, description: textOf(this["description"]) ?? undefined };
    const given = { ...named, input: asked["args"] ?? input };
    return superviseToolCall(runtime, { run, call: given }, { make, resultOf: shownResult });
  };
}
