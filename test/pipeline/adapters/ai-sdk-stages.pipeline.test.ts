import { createOpenAI } from "@ai-sdk/openai";
import { plumbline } from "@plumbline/instrumentation/ai-sdk";
import { generateText, isStepCount, registerTelemetry, tool } from "ai";
import { z } from "zod";
import { declared, type Shop, toolNames } from "./shop.ts";
import { stagesSuite } from "./stages-suite.ts";
import type { Ask } from "./suite.ts";

function start(shop: Shop): Ask {
  registerTelemetry(plumbline({ tools: declared }));
  const openai = createOpenAI({ apiKey: "none", baseURL: shop.model.baseUrl });
  const tools = Object.fromEntries(
    toolNames.map((name) => [
      name,
      tool({
        inputSchema: z.object({ order: z.number() }),
        execute: ({ order }) => shop.perform(name, order),
      }),
    ]),
  );
  return async (prompt) => {
    const { text } = await generateText({
      model: openai.chat("m"),
      prompt,
      tools,
      stopWhen: isStepCount(10),
    });
    return text;
  };
}

stagesSuite({ stack: "the AI SDK 7", start, takesEdits: false });
