import { instrumentOpenAI, supervise } from "@plumbline/instrumentation";
import OpenAI from "openai";
import type { Scenario } from "./scenario.ts";
import { addTools } from "./tools.ts";

export interface AgentPlace {
  modelUrl: string;
  serviceUrl: string;
  runId: string;
}

const model = "gpt-5-mini";
/** Header by which the scripted model knows whose mind it is to play. */
export const agentHeader = "x-demo-agent";

type Messages = OpenAI.Chat.ChatCompletionMessageParam[];
type Tools = OpenAI.Chat.ChatCompletionTool[];

async function ask(client: OpenAI, scenario: Scenario, request: { messages: Messages; tools: Tools }) {
  if (!scenario.streaming) return client.chat.completions.create({ model, ...request });
  return client.chat.completions
    .stream({ model, stream_options: { include_usage: true }, ...request })
    .finalChatCompletion();
}

/** One agent as a user would write it: a model, tools, a loop, and `supervise` around it. */
export async function runAgent(scenario: Scenario, place: AgentPlace): Promise<string> {
  const client = instrumentOpenAI(
    new OpenAI({ apiKey: "demo", baseURL: place.modelUrl, defaultHeaders: { [agentHeader]: scenario.name } }),
  );
  const { name, goal, budget } = scenario;
  return supervise({ name, goal, budget, runId: place.runId, onPause: "wait" }, async (run) => {
    addTools(run, scenario.tools, place.serviceUrl);
    const messages: Messages = [
      { role: "system", content: `You are ${name}. Use the tools.` },
      { role: "user", content: run.goal },
    ];
    for (;;) {
      const reply = await ask(client, scenario, { messages, tools: run.toolDefinitions });
      const message = reply.choices[0]?.message;
      if (message === undefined) throw new Error("The model gave no choice.");
      messages.push(message);
      if (message.tool_calls === undefined || message.tool_calls.length === 0) return message.content ?? "";
      messages.push(...(await run.execute(message.tool_calls)));
    }
  });
}
