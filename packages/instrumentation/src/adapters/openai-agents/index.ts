import { runStoppedIn } from "../../errors.ts";
import { textOf, type Wire, wireOf } from "../../observe/openai/wire.ts";
import { toolCallOwners } from "../../observe/tool-call-owners.ts";
import { processRuntime } from "../../process-environment.ts";
import { currentRun } from "../../run/run-context.ts";
import { type DeclaredTools, superviseToolCall } from "../shared/tool-call.ts";

type Invoke = (context: unknown, input: unknown, details?: unknown) => Promise<unknown>;

function gatedInvoke(tool: Wire, declared: DeclaredTools): Invoke {
  const original = tool["invoke"] as Invoke;
  const toolName = textOf(tool["name"]) ?? "";
  return async (context, input, details) => {
    const callId = textOf(wireOf(wireOf(details)["toolCall"])["callId"]);
    const run = currentRun() ?? toolCallOwners.of(callId);
    const make = async (): Promise<unknown> => original.call(tool, context, input, details);
    if (run === undefined) return make();
    const description = textOf(tool["description"]) ?? undefined;
    const call = { toolName, callId, input, description, traits: declared[toolName] };
    try {
      return await superviseToolCall(processRuntime(), { run, call }, { make });
    } catch (thrown) {
      // The runner would wrap it; as an answer it lets the gate of the next model call say it in its own words.
      const stopped = runStoppedIn(thrown);
      if (stopped === undefined) throw thrown;
      return `Error: ${stopped.message}`;
    }
  };
}

/**
 * Puts function tools of the OpenAI Agents SDK under supervision: the same tools, their `invoke` gated and observed. Model
 * calls come under supervision by the client: `setDefaultOpenAIClient(instrumentOpenAI(new OpenAI()))`. Hosted tools run at the
 * provider and are left alone.
 */
export function instrumentAgentTools<Tool extends object>(
  tools: readonly Tool[],
  declared: DeclaredTools = {},
): Tool[] {
  processRuntime().observesTools = true;
  return tools.map((tool) => {
    const wire = wireOf(tool);
    return typeof wire["invoke"] === "function" ? { ...tool, invoke: gatedInvoke(wire, declared) } : tool;
  });
}
