import { instrumentModel, instrumentTools } from "@plumbline/instrumentation/ai-sdk";
import { generateText, stepCountIs, type Tool, tool } from "ai6";
import { createOpenAI } from "ai6-openai";
import { z } from "zod";
import { declared, type Shop, toolNames } from "./shop.ts";
import { stagesSuite } from "./stages-suite.ts";
import type { Ask } from "./suite.ts";

function start(shop: Shop): Ask {
  const openai = createOpenAI({ apiKey: "none", baseURL: shop.model.baseUrl });
  const tools = toolNames.map((name): [string, Tool] => [
    name,
    tool({
      inputSchema: z.object({ order: z.number() }),
      execute: ({ order }) => shop.perform(name, order),
    }),
  ]);
  const supervised = instrumentTools(Object.fromEntries(tools), declared);
  return async (prompt) => {
    const { text } = await generateText({
      model: instrumentModel(openai.chat("m")),
      prompt,
      tools: supervised,
      stopWhen: stepCountIs(10),
    });
    return text;
  };
}

stagesSuite({ stack: "the AI SDK 6", start });
