import { isWire, textOf, type Wire, wireOf } from "../../observe/openai/wire.ts";
import type { Runtime } from "../../runtime.ts";
import type { ToolPolicies } from "../../tool/declared-tool.ts";
import { inputCheck } from "../shared/check-input.ts";
import {
  type FrameworkToolCall,
  type FrameworkToolWork,
  runOfToolCall,
  signalOf,
  superviseToolCall,
} from "../shared/tool-call.ts";
import type { LangChainCore } from "./load-core.ts";

type Arguments = [input: unknown, config?: unknown, tags?: unknown];
type Call = (this: Wire, ...args: Arguments) => Promise<unknown>;

const patchedKey = Symbol.for("plumbline.langchain.tools-patched");

const isToolCall = (value: unknown): value is Wire => isWire(value) && value["type"] === "tool_call";

/** What the model gets to read of a tool message; anything else as it is. */
function shownResult(result: unknown): unknown {
  const { content, tool_call_id: callId, status } = wireOf(result);
  if (callId === undefined) return result;
  return status === "error" ? new Error(textOf(content) ?? "the tool failed") : content;
}

/** By which a graph leaves a node, `interrupt()` above all: it waits for an answer and runs the node again. */
const isBubbleUp = (thrown: unknown): boolean =>
  typeof thrown === "object" && thrown !== null && (thrown as Wire)["is_bubble_up"] === true;

function callOf(tool: Wire, [given, config]: Arguments): FrameworkToolCall {
  const check = inputCheck(tool["schema"]);
  return {
    toolName: textOf(tool["name"]) ?? "",
    callId:
      textOf(wireOf(wireOf(config)["toolCall"])["id"]) ?? (isToolCall(given) ? textOf(given["id"]) : null),
    input: isToolCall(given) ? given["args"] : given,
    description: textOf(tool["description"]) ?? undefined,
    signal: signalOf(config),
    isChecked: false,
    // The tool reads its arguments by its schema itself.
    async check(input) {
      const checked = await check?.(input);
      return checked?.ok === false ? checked : { ok: true, value: input };
    },
  };
}

/** How the tool's own `call` does the work, and the messages that stand for its result. */
function workOf(
  { ToolMessage }: LangChainCore,
  call: FrameworkToolCall,
  make: (input: unknown) => Promise<unknown>,
): FrameworkToolWork<unknown> {
  const { toolName: name, callId } = call;
  const message = (content: string, status: "success" | "error"): unknown =>
    new ToolMessage({ content, status, name, tool_call_id: callId ?? "" });
  return {
    make,
    resultOf: shownResult,
    isLeft: isBubbleUp,
    answer: (text) => (callId === null ? text : message(text, "success")),
    refuse(text, error) {
      // Only the application's own code calls a tool without an id.
      if (callId === null) throw error;
      return message(text, "error");
    },
  };
}

/** Wraps the call of every tool, so that it goes through the stages where it belongs to a run. */
export function patchTools(core: LangChainCore, runtimeOf: () => Runtime, policies: ToolPolicies): void {
  const prototype = core.StructuredTool.prototype as Wire;
  const original = prototype["call"];
  if (typeof original !== "function" || Object.hasOwn(prototype, patchedKey)) return;
  Object.defineProperty(prototype, patchedKey, { value: true });
  prototype["call"] = async function call(this: Wire, ...args: Arguments): Promise<unknown> {
    const [given, ...rest] = args;
    const asked = callOf(this, args);
    const run = runOfToolCall(asked.callId);
    if (run === undefined) return (original as Call).apply(this, args);
    const runtime = runtimeOf();
    runtime.observesTools = true;
    const make = (input: unknown): Promise<unknown> => {
      const edited = isToolCall(given) ? { ...given, args: input } : input;
      return (original as Call).call(this, input === asked.input ? given : edited, ...rest);
    };
    const policy = policies(asked.toolName);
    return superviseToolCall(runtime, { run, policy, call: asked }, workOf(core, asked, make));
  };
}
