import { type Context, context, trace } from "@opentelemetry/api";
import {
  instrumentOpenAI,
  PlumblineSpanProcessor,
  RunKilledError,
  supervise,
} from "@plumbline/instrumentation";
import { startScriptedModel } from "@plumbline/instrumentation/testing";
import OpenAI from "openai";
import { describe, expect, it } from "vitest";
import { serveAgents } from "./support/serve-agents.ts";

/** Registers an application's own SDK with our processor in it. */
export type RegisterSdk = (processor: PlumblineSpanProcessor) => Promise<void>;

const chatAttributes = {
  "gen_ai.operation.name": "chat",
  "gen_ai.provider.name": "acme",
  "gen_ai.request.model": "acme-1",
  "gen_ai.input.messages": JSON.stringify([
    { role: "user", parts: [{ type: "text", content: "mail ana@example.com" }] },
  ]),
};

/** What another instrumentation does around a model call. */
async function foreignCall(attributes: Record<string, string> = {}): Promise<void> {
  await trace
    .getTracer("acme-instrumentation")
    .startActiveSpan("chat acme-1", { attributes: { ...chatAttributes, ...attributes } }, async (span) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      span.setAttribute("gen_ai.usage.input_tokens", 10);
      span.setAttribute("gen_ai.usage.output_tokens", 5);
      span.setAttribute(
        "gen_ai.output.messages",
        JSON.stringify([{ role: "assistant", parts: [{ type: "text", content: "sent" }] }]),
      );
      span.end();
    });
}

/** What holds for an application with an SDK of its own, whatever its line. */
export function describeOwnSdk(line: string, register: RegisterSdk): void {
  describe(`an application with its own OpenTelemetry SDK ${line}`, async () => {
    const server = await serveAgents();
    await register(new PlumblineSpanProcessor());
    const active = (): Context => context.active();
    const spansOf = (runId: string) =>
      server.spans.filter((span) => span.attributes["plumbline.run.id"] === runId);

    it("has its spans named by run and sent, and foreign model spans reported as steps", async () => {
      await supervise({ name: "agent", runId: "r-foreign", goal: "mail" }, () => foreignCall());
      await server.waitFor(
        "all came",
        () => spansOf("r-foreign").length === 2 && server.eventsOf("plumbline.run.end").length > 0,
      );
      const chat = spansOf("r-foreign").find((span) => span.name === "chat acme-1");
      const agent = spansOf("r-foreign").find((span) => span.name === "invoke_agent agent");
      expect(chat?.parentSpanId).toBe(agent?.spanId);
      expect(chat?.attributes["gen_ai.input.messages"]).toMatch(/mail \[email:[g-z]{5}\]/u);
      const [start] = server.eventsOf("plumbline.step.start", "r-foreign");
      expect(start?.step).toMatchObject({
        kind: "model",
        provider: "acme",
        requestModel: "acme-1",
        inputMessageCount: 1,
      });
      expect(JSON.stringify(start)).not.toContain("ana@example.com");
      const [end] = server.eventsOf("plumbline.step.end", "r-foreign");
      expect(end?.step).toMatchObject({
        usage: { inputTokens: 10, outputTokens: 5 },
        output: [{ role: "assistant" }],
      });
    });

    it("is stopped where a foreign instrumentation starts its span", async () => {
      const runId = "r-foreign-kill";
      const ended = supervise({ name: "agent", runId }, async () => {
        await foreignCall();
        await server.waitFor(
          "the run is known",
          () => server.eventsOf("plumbline.run.start", runId).length === 1,
        );
        server.direct(runId, { desired: "killed", reason: "USER_KILLED", message: "stop" });
        for (;;) await foreignCall();
      });
      await expect(ended).rejects.toBeInstanceOf(RunKilledError);
    });

    it("is recognised by its conversation without supervise", async () => {
      await foreignCall({ "gen_ai.conversation.id": "conversation-7" });
      const start = () =>
        server.eventsOf("plumbline.run.start").find((event) => event.conversationId === "conversation-7");
      await server.waitFor("the run started", () => start() !== undefined);
      await server.waitFor("its span came", () => spansOf(start()?.runId ?? "").length === 1);
      expect(start()?.agentName).toBe("unknown_service:node");
    });

    it("gets our spans through its own provider", async () => {
      const model = await startScriptedModel({ answer: () => ({ text: "hi" }) });
      const openai = instrumentOpenAI(new OpenAI({ apiKey: "none", baseURL: model.baseUrl }));
      let parent = "";
      await supervise({ name: "agent", runId: "r-ours" }, async () => {
        parent = trace.getSpan(active())?.spanContext().spanId ?? "";
        await openai.chat.completions.create({ model: "m", messages: [{ role: "user", content: "hi" }] });
      });
      await server.waitFor("both spans came", () => spansOf("r-ours").length === 2);
      expect(spansOf("r-ours").find((span) => span.name === "chat m")?.parentSpanId).toBe(parent);
      expect(server.eventsOf("plumbline.step.end", "r-ours")).toHaveLength(1);
      await model.close();
    });
  });
}
