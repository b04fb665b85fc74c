import { createOpenAI } from "@ai-sdk/openai";
import { supervise } from "@plumbline/instrumentation";
import { plumbline } from "@plumbline/instrumentation/ai-sdk";
import { generateText, isStepCount, registerTelemetry, type TelemetryOptions, tool } from "ai";
import { expect, it } from "vitest";
import { z } from "zod";
import { declared, type Shop, toolNames } from "./shop.ts";
import { stagesSuite } from "./stages-suite.ts";
import type { Ask } from "./suite.ts";

function start(shop: Shop): Ask {
  registerTelemetry(plumbline({ tools: declared }));
  return agent(shop);
}

function agent(shop: Shop, telemetry: TelemetryOptions = {}): Ask {
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
      telemetry,
    });
    return text;
  };
}

/** The SDK hands its tools the arguments it has, and where something is kept from us, we can't do it in its place. */
function refusesEdits(shop: () => Shop): void {
  it("that keeps its results to itself keeps its question open for an answer that it can carry out", async () => {
    const { server } = shop();
    const options = { name: "agent", runId: "r-kept", approvals: { from: "high" } } as const;
    const answered = supervise(options, () => agent(shop(), { recordOutputs: false })("refund 1 7"));
    const requests = () => server.eventsOf("plumbline.approval.request", "r-kept");
    await server.waitFor("it is asked", () => requests().length === 1);
    const { approvalId = "", argsHash = "" } = requests()[0]?.request ?? {};
    const answer = {
      decision: "approved" as const,
      argsHash,
      by: "user:ana",
      message: "",
      decidedAtMs: Date.now(),
    };
    server.direct("r-kept", { approvals: { [approvalId]: { ...answer, editedArguments: '{"order":70}' } } });
    const acks = () => server.eventsOf("plumbline.ack", "r-kept").map(({ ack }) => ack);
    await server.waitFor("it is refused", () => acks().some(({ phase }) => phase === "rejected"));
    expect(acks().find(({ phase }) => phase === "rejected")?.detail).toContain("the model's own arguments");
    server.direct("r-kept", { approvals: { [approvalId]: { ...answer, editedArguments: null } } });
    expect(await answered).toContain("order 7: refund done");
  });
}

stagesSuite({ stack: "the AI SDK 7", start, more: refusesEdits });
