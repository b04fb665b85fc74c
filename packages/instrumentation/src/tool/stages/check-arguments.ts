import { messageOf } from "@plumbline/contracts";
import type { RegisteredTool } from "../tool.ts";
import { failed } from "../tool-result.ts";
import type { ToolStage } from "../tool-stage.ts";

function unknownTool(name: string, tools: ReadonlyMap<string, RegisteredTool>): string {
  const known = [...tools.keys()].join(", ");
  return `There is no tool "${name}". Available: ${known === "" ? "none" : known}.`;
}

function parseArguments(tool: RegisteredTool, text: string): ReturnType<RegisteredTool["parse"]> {
  let input: unknown;
  try {
    input = text.trim() === "" ? {} : JSON.parse(text);
  } catch (thrown) {
    return { ok: false, problems: `They are not JSON: ${messageOf(thrown)}` };
  }
  return tool.parse(input);
}

/** Answers a call of an unknown tool, or with arguments that don't fit, with what would be right. */
export const checkArguments: ToolStage = async (call, next) => {
  const { tool, tools, toolName, argumentsText, input } = call;
  if (tool === undefined) return failed(new Error(unknownTool(toolName, tools)), "data_error");
  const parsing = input === undefined ? parseArguments(tool, argumentsText) : tool.parse(input);
  const parsed = parsing instanceof Promise ? await parsing : parsing;
  return parsed.ok
    ? next({ ...call, input: parsed.value })
    : failed(
        new Error(`The arguments of ${tool.name} don't fit its parameters.\n${parsed.problems}`),
        "data_error",
      );
};
