import Anthropic from "@anthropic-ai/sdk";
import { instrumentAnthropic } from "@plumbline/instrumentation/anthropic";
import { declared, type Shop, toolNames } from "./shop.ts";
import { stagesSuite } from "./stages-suite.ts";
import type { Ask } from "./suite.ts";

function start(shop: Shop): Ask {
  const baseURL = shop.model.baseUrl.replace(/\/v1$/u, "");
  const client = instrumentAnthropic(new Anthropic({ apiKey: "none", baseURL }), declared);
  const tools = toolNames.map((name) => ({
    name,
    input_schema: { type: "object" as const, properties: { order: { type: "number" } } },
    parse: (input: unknown) => input as { order: number },
    run: ({ order }: { order: number }) => shop.perform(name, order),
  }));
  return async (question) => {
    const { content } = await client.beta.messages.toolRunner({
      model: "m",
      max_tokens: 100,
      thread: false,
      messages: [{ role: "user", content: question }],
      tools,
    });
    return content.map((block) => (block.type === "text" ? block.text : "")).join("");
  };
}

stagesSuite({ stack: "the Anthropic SDK's tool runner", start });
