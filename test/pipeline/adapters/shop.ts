import {
  configurePlumbline,
  currentToolCall,
  type DeclaredTools,
  shutdown,
} from "@plumbline/instrumentation";
import {
  type ScriptedAnswer,
  type ScriptedModel,
  type ScriptedRequest,
  startScriptedModel,
} from "@plumbline/instrumentation/testing";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startTestServer, type TestServer } from "../instrumentation-harness.ts";

export const toolNames = ["refund", "print", "fetch", "look"] as const;
export type ToolName = (typeof toolNames)[number];

/** What an application declares in the one call of its adapter; `print` it leaves alone. */
export const declared: DeclaredTools = {
  refund: {
    risk: "high",
    reversible: false,
    audit: { action: "Pays an order back", modifies: ["payments"] },
  },
  fetch: { retry: { firstDelayMs: 1 } },
  look: { risk: "safe", mutates: false, maxResultCharacters: 100 },
};

/** A call that reached the tool itself. */
export interface MadeCall {
  name: ToolName;
  order: number;
  key: string | undefined;
}

/** A model that does as it is told, tools for agents of any stack, and a server that takes what they report. */
export interface Shop {
  server: TestServer;
  model: ScriptedModel;
  directory: string;
  made: MadeCall[];
  /** What a tool does; answers with the order by default. */
  works: Map<ToolName, (order: number) => string | Promise<string>>;
  perform(name: ToolName, order: number, key?: string): Promise<string>;
  close(): Promise<void>;
}

/** "refund 2 7" calls `refund` for orders 7 and 8, one a turn, and tells what the last call brought. */
export function answer(request: ScriptedRequest): ScriptedAnswer {
  const question = request.messages.find(({ role }) => role === "user")?.text ?? "";
  const [name = "", times = "1", first = "1"] = question.split(" ");
  const results = request.messages.filter(({ role }) => role === "tool");
  if (results.length >= Number(times)) return { text: `heard: ${results.at(-1)?.text ?? "nothing"}` };
  return { toolCalls: [{ name, arguments: { order: Number(first) + results.length } }] };
}

/** Points this process at a server of its own. */
export async function openShop(): Promise<Shop> {
  const [server, model] = await Promise.all([startTestServer(), startScriptedModel({ answer })]);
  const directory = mkdtempSync(join(tmpdir(), "plumbline-shop-"));
  configurePlumbline({
    service: "shop",
    endpoint: server.url,
    trustedKeys: server.trustedKeys,
    dataDirectory: directory,
  });
  const made: MadeCall[] = [];
  const works: Shop["works"] = new Map();
  return {
    server,
    model,
    directory,
    made,
    works,
    async perform(name, order, key = currentToolCall()?.idempotencyKey) {
      made.push({ name, order, key });
      return (await works.get(name)?.(order)) ?? `order ${String(order)}: ${name} done`;
    },
    async close() {
      await shutdown();
      await model.close();
      await server.close();
    },
  };
}
