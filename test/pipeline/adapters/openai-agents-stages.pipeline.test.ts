import { Agent, run, setDefaultOpenAIClient, setTracingDisabled, tool } from "@openai/agents";
import { instrumentOpenAI } from "@plumbline/instrumentation";
import { instrumentAgentTools } from "@plumbline/instrumentation/openai-agents";
import OpenAI from "openai";
import { z } from "zod";
import { declared, type Shop, toolNames } from "./shop.ts";
import { stagesSuite } from "./stages-suite.ts";
import type { Ask } from "./suite.ts";

function start(shop: Shop): Ask {
  setTracingDisabled(true);
  setDefaultOpenAIClient(
    instrumentOpenAI(new OpenAI({ apiKey: "none", maxRetries: 0, baseURL: shop.model.baseUrl })),
  );
  const tools = toolNames.map((name) =>
    tool({
      name,
      description: `Does ${name}.`,
      parameters: z.object({ order: z.number() }),
      execute: ({ order }) => shop.perform(name, order),
      // Otherwise the SDK keeps to itself what a tool throws.
      ...(name === "fetch" ? { errorFunction: null } : {}),
    }),
  );
  // What the SDK says of every failure speaks of no outage: a declared breaker counts it all the same.
  const supervised = instrumentAgentTools(tools, { ...declared, print: { breaker: {} } });
  const agent = new Agent({ name: "clerk", model: "m", tools: supervised });
  return async (question) => {
    const { finalOutput } = await run(agent, question);
    return finalOutput ?? "";
  };
}

stagesSuite({ stack: "the OpenAI Agents SDK", start });
