import type { DerivedStep } from "./derive-steps.ts";
import { jsonOf } from "../../json-of.ts";
import { messageFacts } from "./message-facts.ts";
import { hashOf } from "./text-hash.ts";

/** Equal for steps that say the same. Texts, which most of a step is made of, count as hashes: messages have theirs already. */
export function digestOf(step: DerivedStep): number {
  const { model, tool } = step;
  if (tool !== null) {
    const { result } = tool;
    const told = { arguments: hashOf(tool.arguments), result: result === null ? null : hashOf(result) };
    return hashOf(jsonOf({ ...step, tool: { ...tool, ...told } }));
  }
  if (model === null) return hashOf(jsonOf(step));
  const newInputMessages = model.newInputMessages.map((message) => messageFacts(message).hash);
  const output = model.output.map((message) => messageFacts(message).hash);
  return hashOf(jsonOf({ ...step, model: { ...model, newInputMessages, output } }));
}
