import { z } from "zod";
import type { Run } from "@plumbline/instrumentation";

/** Calls the order service; a failing answer throws with its body, as a careless client library would. */
async function request(
  url: string,
  init: { method?: string; body?: unknown; signal: AbortSignal },
): Promise<unknown> {
  const { method = "GET", body, signal } = init;
  const headers = { "content-type": "application/json" };
  const response = await fetch(url, {
    method,
    headers,
    signal,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${String(response.status)} ${text}`);
  return JSON.parse(text) as unknown;
}

const orderId = z.object({ id: z.string() });

type AddTool = (run: Run, serviceUrl: string) => void;

/** Each tool of the demo is a real HTTP call. */
const tools = {
  find_orders: (run, url) =>
    run.tool({
      name: "find_orders",
      description: "Find orders by customer e-mail or order number",
      parameters: z.object({ q: z.string() }),
      risk: "safe",
      execute: ({ q }, { signal }) => request(`${url}/orders?q=${encodeURIComponent(q)}`, { signal }),
    }),
  read_order: (run, url) =>
    run.tool({
      name: "read_order",
      description: "Read one order",
      parameters: orderId,
      risk: "safe",
      execute: ({ id }, { signal }) => request(`${url}/orders/${id}`, { signal }),
    }),
  refund_order: (run, url) =>
    run.tool({
      name: "refund_order",
      description: "Refund an order",
      parameters: orderId,
      risk: "medium",
      reversible: false,
      execute: ({ id }, { signal }) =>
        request(`${url}/orders/${id}/refund`, { method: "POST", body: {}, signal }),
    }),
  print_label: (run, url) =>
    run.tool({
      name: "print_label",
      description: "Print a shipping label",
      parameters: z.object({ id: z.string(), weightGrams: z.number() }),
      risk: "low",
      traits: { mutates: true },
      // It shall be seen to hammer: what stops it is the policy, not the agent's own breaker.
      breaker: false,
      execute: ({ id, weightGrams }, { signal }) =>
        request(`${url}/orders/${id}/label`, { method: "POST", body: { weightGrams }, signal }),
    }),
  start_count: (run, url) =>
    run.tool({
      name: "start_count",
      description: "Start counting the stock",
      parameters: z.object({ polls: z.number() }),
      risk: "low",
      execute: ({ polls }, { signal }) => request(`${url}/jobs`, { method: "POST", body: { polls }, signal }),
    }),
  read_job: (run, url) =>
    run.tool({
      name: "read_job",
      description: "Read the state of a job",
      parameters: z.object({ job: z.string() }),
      risk: "safe",
      execute: ({ job }, { signal }) => request(`${url}/jobs/${job}`, { signal }),
    }),
  send_mail: (run, url) =>
    run.tool({
      name: "send_mail",
      description: "Send a mail",
      parameters: z.object({ to: z.string(), subject: z.string() }),
      risk: "medium",
      reversible: false,
      execute: (mail, { signal }) => request(`${url}/mails`, { method: "POST", body: mail, signal }),
    }),
  search_handbook: (run, url) =>
    run.tool({
      name: "search_handbook",
      description: "Search the company handbook",
      parameters: z.object({ q: z.string() }),
      risk: "safe",
      execute: ({ q }, { signal }) => request(`${url}/handbook?q=${encodeURIComponent(q)}`, { signal }),
    }),
} satisfies Record<string, AddTool>;

export type ToolName = keyof typeof tools;

export function addTools(run: Run, names: readonly ToolName[], serviceUrl: string): void {
  for (const name of names) tools[name](run, serviceUrl);
}
