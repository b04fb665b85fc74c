import type { Bus } from "@plumbline/bus";
import {
  auditHeadSchema,
  auditPath,
  type AuditTips,
  type SignedAuditHead,
  topic,
} from "@plumbline/contracts";
import { type AuditPage, createAuditQueries } from "@plumbline/store";
import type { Hono } from "hono";
import { z } from "zod";
import type { ServerContext, ServerEnvironment } from "../http/http-bindings.ts";
import { type ApiContext, callerOf, check } from "./api-context.ts";

const count = z.coerce.number().int().nonnegative();
const limit = z.coerce.number().int().min(1).max(2000).default(500);
const runsQuery = z.object({ after: z.string().default(""), limit });
const rowsQuery = z.object({
  chain: z.string().default(""),
  after: count.default(0),
  hash: z.string().default(""),
  limit,
});
const headsQuery = z.object({ ledger: count.default(0), after: count.default(0), limit });

const decoder = new TextDecoder();

/** The last head of every ledger of a tenant, as the analyzer wrote it to the log. */
async function tipsOf(bus: Bus, tenantId: string): Promise<SignedAuditHead[]> {
  const tips = new Map<number, SignedAuditHead>();
  const tail = await bus.tail({
    topic: topic.auditHeads,
    from: "beginning",
    onRecord: ({ value }) => {
      if (value.byteLength === 0) return;
      const head = JSON.parse(decoder.decode(value)) as SignedAuditHead;
      const { ledger, index } = auditHeadSchema.parse(JSON.parse(head.payload));
      const known = tips.get(ledger);
      if (head.tenantId === tenantId && (known === undefined || known.index < index)) tips.set(ledger, head);
    },
  });
  await tail.caughtUp;
  await tail.close();
  return [...tips.values()].toSorted((first, second) => first.ledger - second.ledger);
}

/** The audit trail as it stands; contents of tool calls for admins only. */
export function addAuditRoutes(app: Hono<ServerEnvironment>, api: ApiContext): void {
  const queries = createAuditQueries(api.store);
  const pageOf = (context: ServerContext, tenantId: string): AuditPage => {
    const { chain, after, hash, limit: rows } = check(rowsQuery, context.req.query());
    const runId = context.req.param("run") ?? "";
    return { tenantId, runId, chainId: chain, afterSequence: after, afterHash: hash, limit: rows };
  };
  app.get(auditPath.runs, async (context) => {
    const { tenantId } = callerOf(api, context, "viewer");
    const filter = check(runsQuery, context.req.query());
    return context.json({ runIds: await queries.runIds({ tenantId, ...filter }) });
  });
  app.get("/api/audit/runs/:run/compliance", async (context) => {
    const { tenantId } = callerOf(api, context, "viewer");
    return context.json({ rows: await queries.compliance(pageOf(context, tenantId)) });
  });
  app.get("/api/audit/runs/:run/technical", async (context) => {
    const { tenantId } = callerOf(api, context, "admin");
    return context.json({ rows: await queries.technical(pageOf(context, tenantId)) });
  });
  app.get(auditPath.heads, async (context) => {
    const { tenantId } = callerOf(api, context, "viewer");
    const { ledger, after: afterIndex, limit: rows } = check(headsQuery, context.req.query());
    return context.json({ heads: await queries.heads({ tenantId, ledger, afterIndex, limit: rows }) });
  });
  app.get(auditPath.head, async (context) => {
    const { tenantId } = callerOf(api, context, "viewer");
    const [heads, keys] = await Promise.all([tipsOf(api.bus, tenantId), api.trustedKeys()]);
    return context.json({ heads, keys } satisfies AuditTips);
  });
}
