import { runStoppedIn } from "../../errors.ts";
import { currentRun } from "../../run/run-context.ts";
import type { Runtime } from "../../runtime.ts";
import { superviseToolFunction } from "./tool-function.ts";
import { isWire, type Wire, wires } from "./wire.ts";

type Helper = (this: unknown, body: unknown, options?: unknown) => unknown;

const patchedKey = Symbol.for("plumbline.openai.helpers-patched");

/** The helpers wrap every error that is not their own: a stop is taken out again, so that the caller sees it. */
function unwrapStops(runner: unknown): unknown {
  if (typeof runner !== "object" || runner === null) return runner;
  const emitter = runner as { _emit?: (event: string, ...values: unknown[]) => unknown };
  const emit = emitter._emit;
  if (typeof emit !== "function") return runner;
  emitter._emit = function emitUnwrapped(event, ...values) {
    return emit.call(this, event, ...values.map((value) => runStoppedIn(value) ?? value));
  };
  return runner;
}

function withSupervisedTools(body: unknown, runtimeOf: () => Runtime): unknown {
  const run = currentRun();
  if (!isWire(body) || run === undefined) return body;
  const tools = wires(body["tools"]).map((tool) => supervisedTool(tool, runtimeOf()));
  return Array.isArray(body["tools"]) ? { ...body, tools } : body;
}

/** A tool of `runTools` with its function supervised; tools made by helpers carry it as `$callback`. */
function supervisedTool(tool: Wire, runtime: Runtime): Wire {
  const run = currentRun();
  const fn = tool["function"];
  if (run === undefined || !isWire(fn)) return tool;
  const callback = tool["$callback"];
  const name = typeof fn["name"] === "string" ? fn["name"] : "";
  if (typeof callback === "function") {
    const wrapped = superviseToolFunction(runtime, run, { name, fn: callback as never });
    return Object.create(tool, { $callback: { value: wrapped, enumerable: false } }) as Wire;
  }
  const inner = fn["function"];
  if (typeof inner !== "function") return tool;
  const named = name === "" ? inner.name : name;
  const wrapped = superviseToolFunction(runtime, run, { name: named, fn: inner as never });
  return { ...tool, function: { ...fn, name: named, function: wrapped } };
}

function patchHelper(
  target: Record<string, unknown>,
  name: string,
  change: (body: unknown) => unknown,
): void {
  const original = target[name];
  if (typeof original !== "function") return;
  const helper = original as Helper;
  target[name] = function patched(this: unknown, body: unknown, options?: unknown): unknown {
    return unwrapStops(helper.call(this, change(body), options));
  };
}

/** Wraps the streaming and tool-running helpers of a resource: `stream`, and `runTools` where it has one. */
export function patchHelpers(resource: unknown, runtimeOf: () => Runtime): void {
  if (typeof resource !== "object" || resource === null || patchedKey in resource) return;
  Object.defineProperty(resource, patchedKey, { value: true });
  const target = resource as Record<string, unknown>;
  patchHelper(target, "stream", (body) => body);
  patchHelper(target, "runTools", (body) => withSupervisedTools(body, runtimeOf));
}
