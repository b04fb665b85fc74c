import { serve, type ServerType } from "@hono/node-server";
import { Hono } from "hono";

/** What the service has really done: the oracle for every claim about actions. */
export interface ServiceCounts {
  refunds: number;
  refusedRefunds: number;
  labels: number;
  mails: number;
  searches: number;
  polls: number;
}

export interface OrderService {
  url: string;
  counts(): ServiceCounts;
  close(): Promise<void>;
}

interface Order {
  id: string;
  customer: string;
  item: string;
  status: string;
  locked: boolean;
}

const customers = ["ada", "grace", "edsger", "barbara", "alan"];
const goods = ["kettle", "lamp", "chair", "desk", "clock"];
const firstOrder = 1000;
const orderCount = 100;
/** Orders whose number ends in two are locked by another department: refunds answer 200 and do nothing. */
const isLocked = (number: number): boolean => number % 10 === 2;

function createOrders(): Map<string, Order> {
  const orders = new Map<string, Order>();
  for (let number = firstOrder; number < firstOrder + orderCount; number += 1) {
    const customer = `${customers[number % customers.length] ?? ""}@example.com`;
    const order = {
      id: String(number),
      customer,
      item: goods[number % goods.length] ?? "",
      status: "delivered",
      locked: isLocked(number),
    };
    orders.set(order.id, order);
  }
  return orders;
}

function addOrderRoutes(app: Hono, counts: ServiceCounts): void {
  const orders = createOrders();
  app.get("/orders", (context) => {
    counts.searches += 1;
    const query = context.req.query("q") ?? "";
    const rows = [...orders.values()].filter((order) => order.customer === query || order.id === query);
    return context.json({ rows });
  });
  app.get("/orders/:id", (context) => {
    const order = orders.get(context.req.param("id"));
    return order === undefined
      ? context.json({ error: `no order ${context.req.param("id")}` }, 404)
      : context.json(order);
  });
  app.post("/orders/:id/refund", (context) => {
    const order = orders.get(context.req.param("id"));
    if (order === undefined) return context.json({ error: "no such order" }, 404);
    if (order.locked) {
      counts.refusedRefunds += 1;
      return context.json({ success: false, code: "LOCKED", message: "The order is locked by accounting." });
    }
    order.status = "refunded";
    counts.refunds += 1;
    return context.json({ success: true, refundId: `rf-${order.id}` });
  });
  app.post("/orders/:id/label", async (context) => {
    const order = orders.get(context.req.param("id"));
    const { weightGrams } = await context.req.json<{ weightGrams?: number }>();
    if (order?.locked === true) return context.json({ error: "printer queue offline" }, 503);
    counts.labels += 1;
    return context.json({ label: `lb-${context.req.param("id")}-${String(weightGrams ?? 0)}` });
  });
}

function addJobRoutes(app: Hono, counts: ServiceCounts): void {
  const polls = new Map<string, number>();
  app.post("/jobs", async (context) => {
    const { polls: needed } = await context.req.json<{ polls: number }>();
    const id = `job-${String(polls.size + 1)}`;
    polls.set(id, needed);
    return context.json({ job: id, status: "queued" });
  });
  app.get("/jobs/:id", (context) => {
    counts.polls += 1;
    const id = context.req.param("id");
    const left = (polls.get(id) ?? 0) - 1;
    polls.set(id, left);
    return context.json(
      left > 0
        ? { job: id, status: "running" }
        : { job: id, status: "done", report: "stock counted: 1,204 items" },
    );
  });
  app.post("/mails", (context) => {
    counts.mails += 1;
    return context.json({ sent: true, mail: `m-${String(counts.mails)}` });
  });
  app.get("/handbook", (context) => {
    counts.searches += 1;
    return context.json({ articles: [] });
  });
}

/** A small shop behind real HTTP: it refunds, refuses, takes its time, and counts what it did. */
export async function startOrderService(): Promise<OrderService> {
  const counts: ServiceCounts = { refunds: 0, refusedRefunds: 0, labels: 0, mails: 0, searches: 0, polls: 0 };
  const app = new Hono();
  addOrderRoutes(app, counts);
  addJobRoutes(app, counts);
  const listening = Promise.withResolvers<{ server: ServerType; port: number }>();
  const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, ({ port }) =>
    listening.resolve({ server, port }),
  );
  const { port } = await listening.promise;
  return {
    url: `http://127.0.0.1:${String(port)}`,
    counts: () => ({ ...counts }),
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}
