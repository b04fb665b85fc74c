import { instrumentModel, instrumentTools } from "@plumbline/instrumentation/ai-sdk";
import { stepCountIs, streamText, tool } from "ai5";
import { createOpenAI } from "ai5-openai";
import { z } from "zod";
import type { Live } from "./live.ts";
import { adapterSuite, type Ask } from "./suite.ts";

/** A tool that tells how far it is before it answers. */
async function* tellAndFind(live: Live, q: string): AsyncGenerator<string> {
  yield "looking";
  yield await live.findOrders(q);
}

function start(live: Live): Ask {
  const openai = createOpenAI({ apiKey: "none", baseURL: live.model.baseUrl });
  const model = instrumentModel(openai.chat("m"));
  const tools = instrumentTools({
    find_orders: tool({
      inputSchema: z.object({ q: z.string(), turn: z.number() }),
      async *execute({ q }) {
        yield* tellAndFind(live, q);
      },
    }),
  });
  return async (question) => {
    const failures: Error[] = [];
    const { textStream } = streamText({
      model,
      prompt: question,
      tools,
      stopWhen: stepCountIs(10),
      onError: ({ error }) => void failures.push(error as Error),
    });
    let text = "";
    for await (const piece of textStream) text += piece;
    for (const failure of failures) throw failure;
    return text;
  };
}

adapterSuite({ stack: "the AI SDK 5, streaming", start, concurrent: 0 });
