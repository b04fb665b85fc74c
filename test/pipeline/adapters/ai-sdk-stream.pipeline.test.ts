import { createOpenAI } from "@ai-sdk/openai";
import { OpenTelemetry } from "@ai-sdk/otel";
import { PlumblineSpanProcessor } from "@plumbline/instrumentation";
import { plumbline } from "@plumbline/instrumentation/ai-sdk";
import { isStepCount, registerTelemetry, streamText, tool } from "ai";
import { NodeTracerProvider } from "otel2-sdk-trace-node";
import { z } from "zod";
import type { Live } from "./live.ts";
import { adapterSuite, type Ask } from "./suite.ts";

/** The application traces the AI SDK already, and sends its spans to Plumbline. */
function start(live: Live): Ask {
  new NodeTracerProvider({ spanProcessors: [new PlumblineSpanProcessor()] }).register();
  registerTelemetry(new OpenTelemetry());
  registerTelemetry(plumbline());
  const openai = createOpenAI({ apiKey: "none", baseURL: live.model.baseUrl });
  const findOrders = tool({
    inputSchema: z.object({ q: z.string(), turn: z.number() }),
    execute: ({ q }) => live.findOrders(q),
  });
  return async (question) => {
    const failures: Error[] = [];
    const { textStream } = streamText({
      model: openai.chat("m"),
      prompt: question,
      tools: { find_orders: findOrders },
      stopWhen: isStepCount(10),
      onError: ({ error }) => void failures.push(error as Error),
    });
    let text = "";
    for await (const piece of textStream) text += piece;
    for (const failure of failures) throw failure;
    return text;
  };
}

adapterSuite({ stack: "the AI SDK 7, streaming and traced by @ai-sdk/otel", start, concurrent: 0 });
