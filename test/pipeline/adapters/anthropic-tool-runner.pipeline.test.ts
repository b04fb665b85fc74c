import Anthropic from "@anthropic-ai/sdk";
import { PlumblineSpanProcessor } from "@plumbline/instrumentation";
import { instrumentAnthropic } from "@plumbline/instrumentation/anthropic";
import { NodeTracerProvider } from "otel2-sdk-trace-node";
import type { Live } from "./live.ts";
import { adapterSuite, type Ask } from "./suite.ts";

/** The client traces itself as soon as there is a tracer provider. */
function start(live: Live): Ask {
  new NodeTracerProvider({ spanProcessors: [new PlumblineSpanProcessor()] }).register();
  const baseURL = live.model.baseUrl.replace(/\/v1$/u, "");
  const client = instrumentAnthropic(new Anthropic({ apiKey: "none", baseURL }));
  const findOrders = {
    name: "find_orders",
    input_schema: {
      type: "object" as const,
      properties: { q: { type: "string" }, turn: { type: "number" } },
    },
    parse: (input: unknown) => input as { q: string },
    run: ({ q }: { q: string }) => live.findOrders(q),
  };
  return async (question) => {
    const runner = client.beta.messages.toolRunner({
      model: "m",
      max_tokens: 100,
      stream: true,
      thread: false,
      messages: [{ role: "user", content: question }],
      tools: [findOrders],
    });
    const { content } = await runner.runUntilDone();
    return content.map((block) => (block.type === "text" ? block.text : "")).join("");
  };
}

adapterSuite({ stack: "the Anthropic SDK's tool runner, streaming and traced", start, concurrent: 0 });
