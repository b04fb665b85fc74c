import { env } from "node:process";
import { messageOf, systemClock } from "@plumbline/contracts";
import { instrumentOpenAI, shutdown, supervise } from "@plumbline/instrumentation";
import OpenAI from "openai";
import { z } from "zod";
import { longestRunMs, type AgentOrder, type AgentReport } from "../agent-messages.ts";
import { stuckCall, stuckResult } from "../stuck-call.ts";

/** Agents in a process of their own, started by message: the parent says which run, the child how it went. */

const client = instrumentOpenAI(
  new OpenAI({ apiKey: "bench", baseURL: env["BENCH_MODEL_URL"], maxRetries: 0 }),
);
const report = (message: AgentReport): void => void process.send?.(message);

async function stuckAgent(runId: string, model: string): Promise<void> {
  const giveUpAtMs = systemClock.nowMs() + longestRunMs;
  const options = { name: "finder", goal: "Find the last order of ada@example.com", runId } as const;
  const work = supervise({ ...options, onPause: "exit" }, async (run) => {
    run.tool({
      name: stuckCall.name,
      description: "Finds orders",
      parameters: z.object({ q: z.string() }),
      execute: () => stuckResult,
    });
    const messages: OpenAI.Chat.ChatCompletionMessageParam[] = [{ role: "user", content: run.goal }];
    while (systemClock.nowMs() < giveUpAtMs) {
      const reply = await client.chat.completions.create({ model, messages, tools: run.toolDefinitions });
      const message = reply.choices[0]?.message;
      if (message?.tool_calls === undefined) return;
      messages.push(message, ...(await run.execute(message.tool_calls)));
    }
  });
  const error = await work.then(
    () => "not stopped",
    (thrown: unknown) => (thrown instanceof Error ? thrown.name : messageOf(thrown)),
  );
  report({ kind: "stopped", runId, error });
}

async function streamingAgent(runId: string): Promise<void> {
  const work = supervise({ name: "streamer", goal: "Write a long report", runId }, async (run) => {
    const messages = [{ role: "user" as const, content: run.goal }];
    const stream = await client.chat.completions.create({ model: "hang", messages, stream: true });
    try {
      for await (const chunk of stream) if (chunk.choices.length > 0) report({ kind: "streaming", runId });
    } finally {
      report({ kind: "aborted", runId, atMs: systemClock.nowMs() });
    }
  });
  await work.catch(() => undefined);
}

async function callingAgent(runId: string, calls: number, everyMs: number): Promise<void> {
  await supervise({ name: "caller", goal: "Look at every order", runId }, async (run) => {
    run.tool({
      name: "read_order",
      parameters: z.object({ mark: z.string() }),
      risk: "safe",
      execute: ({ mark }) => ({ order: mark, state: "paid" }),
    });
    for (let index = 0; index < calls; index += 1) {
      const mark = `${runId}/${String(index)}`;
      const call = { name: "read_order", arguments: JSON.stringify({ mark }) };
      await run.execute([{ id: `c-${String(index)}`, function: call }]);
      report({ kind: "called", runId, mark, atMs: systemClock.nowMs() });
      await systemClock.sleep(everyMs);
    }
  });
}

function obey(order: AgentOrder): Promise<void> {
  switch (order.kind) {
    case "stuck":
      return stuckAgent(order.runId, order.model);
    case "streaming":
      return streamingAgent(order.runId);
    case "calling":
      return callingAgent(order.runId, order.calls, order.everyMs);
  }
}

process.on("message", (order: AgentOrder) => {
  obey(order).catch((error: unknown) =>
    report({ kind: "failed", runId: order.runId, error: messageOf(error) }),
  );
});
process.once("disconnect", () => void shutdown());
report({ kind: "ready" });
