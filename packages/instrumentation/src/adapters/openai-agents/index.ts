import { runStoppedIn } from "../../errors.ts";
import { parseArguments, textOf, type Wire, wireOf } from "../../observe/openai/wire.ts";
import { processRuntime } from "../../process-environment.ts";
import { type DeclaredTools, type ToolPolicy, toolPolicies } from "../../tool/declared-tool.ts";
import {
  type FrameworkToolCall,
  resultOfText,
  runOfToolCall,
  signalOf,
  superviseToolCall,
} from "../shared/tool-call.ts";

type Invoke = (context: unknown, input: unknown, details?: unknown) => Promise<unknown>;

/** What the SDK lets the model read of a tool that threw, unless the tool has an `errorFunction` of its own. */
const failureText = "An error occurred while running the tool. Please try again.";

const shownResult = (result: unknown): unknown => (result === failureText ? new Error(failureText) : result);

function callOf(tool: Wire, given: unknown, details: unknown): FrameworkToolCall {
  return {
    toolName: textOf(tool["name"]) ?? "",
    callId: textOf(wireOf(wireOf(details)["toolCall"])["callId"]),
    input: parseArguments(given),
    description: textOf(tool["description"]) ?? undefined,
    signal: signalOf(details),
    // By the SDK, within the call.
    isChecked: false,
  };
}

function supervisedInvoke(tool: Wire, policy: ToolPolicy): Invoke {
  const original = tool["invoke"] as Invoke;
  return async (context, given, details) => {
    const call = callOf(tool, given, details);
    const run = runOfToolCall(call.callId);
    if (run === undefined) return original.call(tool, context, given, details);
    const make = async (input: unknown): Promise<unknown> =>
      original.call(tool, context, input === call.input ? given : JSON.stringify(input), details);
    const refuse = (text: string): string => text;
    try {
      return await superviseToolCall<unknown>(
        processRuntime(),
        { run, policy, call },
        { make, resultOf: shownResult, answer: resultOfText, refuse },
      );
    } catch (thrown) {
      // The runner would wrap it; as an answer it lets the gate of the next model call say it in its own words.
      const stopped = runStoppedIn(thrown);
      if (stopped === undefined) throw thrown;
      return `Error: ${stopped.message}`;
    }
  };
}

/**
 * Puts function tools of the OpenAI Agents SDK under supervision: the same tools, their `invoke` sent through the stages. Model
 * calls come under supervision by the client: `setDefaultOpenAIClient(instrumentOpenAI(new OpenAI()))`. Hosted tools run at the
 * provider and are left alone.
 * @param declared what is known about the tools, by name
 * @throws SetupError or RejectedError when a tool can't be declared so
 */
export function instrumentAgentTools<Tool extends object>(
  tools: readonly Tool[],
  declared: DeclaredTools = {},
): Tool[] {
  processRuntime().observesTools = true;
  const policies = toolPolicies(declared);
  return tools.map((tool) => {
    const wire = wireOf(tool);
    if (typeof wire["invoke"] !== "function") return tool;
    return { ...tool, invoke: supervisedInvoke(wire, policies(textOf(wire["name"]) ?? "")) };
  });
}
