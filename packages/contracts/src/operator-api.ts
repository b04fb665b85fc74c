import { z } from "zod";
import { approvalSchema } from "./approval.ts";
import { checkpointSchema } from "./checkpoint.ts";
import { commandSchema } from "./command.ts";
import { feedbackSchema, findingKindSchema, findingSchema } from "./finding.ts";
import { idSchema } from "./identifiers.ts";
import { limitsSchema } from "./limits.ts";
import { runSummarySchema, scoreSchema } from "./run.ts";
import { stepSchema } from "./step.ts";

/**
 * What the command line and the page talk to, on port 4320. Bearer token with a role (viewer, operator, admin); without
 * a token on loopback only, and only where no tokens are configured. Changes need the header `plumbline-request: 1`.
 * Everything is of the token's tenant; SQL sees all, and is for admins where tokens of several tenants are configured.
 *
 * - `GET  /api/runs?status=&limit=` → RunList
 * - `GET  /api/runs/:run` → RunDetail (`:run` may be a unique prefix)
 * - `POST /api/runs/:run/commands` with CommandRequest → CommandAccepted
 * - `GET  /api/approvals?run=&pending=&limit=` → ApprovalList, the newest first
 * - `POST /api/approvals/:approval` with ApprovalAnswer → CommandAccepted (`:approval` may be a unique prefix)
 * - `GET  /api/incidents/:incident` → Incident
 * - `GET  /api/watch?run=` → text/event-stream of WatchEvent: what is there, then what changes; steps and scores only of a named run
 * - `POST /api/findings/:finding/feedback` with FeedbackRequest → Feedback
 * - `POST /api/sql` with SqlRequest → SqlResult
 * - `GET  /api/status` → SystemStatus
 */
export const operatorPath = {
  runs: "/api/runs",
  run: (runId: string) => `/api/runs/${encodeURIComponent(runId)}`,
  commands: (runId: string) => `/api/runs/${encodeURIComponent(runId)}/commands`,
  approvals: "/api/approvals",
  approval: (approvalId: string) => `/api/approvals/${encodeURIComponent(approvalId)}`,
  incident: (incidentId: string) => `/api/incidents/${encodeURIComponent(incidentId)}`,
  watch: "/api/watch",
  feedback: (findingId: string) => `/api/findings/${encodeURIComponent(findingId)}/feedback`,
  sql: "/api/sql",
  status: "/api/status",
} as const;

/** Header that a browser does not send across origins by itself. */
export const changeHeader = "plumbline-request";

export const operatorRoles = ["viewer", "operator", "admin"] as const;
export type OperatorRole = (typeof operatorRoles)[number];

export const runListSchema = z.object({ runs: z.array(runSummarySchema) });
export type RunList = z.infer<typeof runListSchema>;

/** Findings of one kind on one tool in several runs within a quarter of an hour. */
export const incidentSchema = z.object({
  incidentId: idSchema,
  kind: findingKindSchema,
  toolName: z.string(),
  runIds: z.array(idSchema),
  firstAtMs: z.number(),
  lastAtMs: z.number(),
  wastedMicroUsd: z.number().nonnegative(),
  summary: z.string(),
});
export type Incident = z.infer<typeof incidentSchema>;

export const runDetailSchema = z.object({
  run: runSummarySchema,
  steps: z.array(stepSchema),
  findings: z.array(findingSchema),
  scores: z.array(scoreSchema),
  commands: z.array(
    z.object({
      command: commandSchema,
      acknowledged: z.array(
        z.object({ phase: z.string(), detail: z.string(), atMs: z.number(), stepId: z.string().nullable() }),
      ),
    }),
  ),
  /** What the run asked people, the newest first. */
  approvals: z.array(approvalSchema).default([]),
  /** Every phase of every checkpoint, in the order of their writing. */
  checkpoints: z.array(checkpointSchema).default([]),
  /** Per finding kind in the last 30 days: what people said of it. */
  precision: z.record(z.string(), z.object({ right: z.number(), falseAlarm: z.number() })),
  /** Incidents that the run is part of, the newest first. */
  incidents: z.array(incidentSchema),
  /** 95th percentile of the open step's tool or model, where known. */
  openStepP95Ms: z.number().nullable(),
  /** Tool calls that stand in the audit trail, and those of them that the analyzer countersigned; absent when none does. */
  audit: z
    .object({ records: z.number().int().nonnegative(), countersigned: z.number().int().nonnegative() })
    .optional(),
});
export type RunDetail = z.infer<typeof runDetailSchema>;

export const commandRequestSchema = z.discriminatedUnion("verb", [
  z.object({ verb: z.literal("pause"), message: z.string().default("") }),
  z.object({
    verb: z.literal("resume"),
    message: z.string().default(""),
    say: z.string().nullable().default(null),
    limits: limitsSchema.nullable().default(null),
  }),
  z.object({ verb: z.literal("kill"), message: z.string().default("") }),
  z.object({ verb: z.literal("nudge"), text: z.string().min(1).max(4000), message: z.string().default("") }),
  z.object({ verb: z.literal("limit"), limits: limitsSchema, message: z.string().default("") }),
  z.object({
    verb: z.literal("approve"),
    approvalId: idSchema,
    editedArguments: z.string().nullable().default(null),
    message: z.string().default(""),
  }),
  z.object({ verb: z.literal("deny"), approvalId: idSchema, message: z.string().default("") }),
]);
export type CommandRequest = z.infer<typeof commandRequestSchema>;

export const approvalListSchema = z.object({ approvals: z.array(approvalSchema) });
export type ApprovalList = z.infer<typeof approvalListSchema>;

export const approvalAnswerSchema = z.discriminatedUnion("decision", [
  z.object({
    decision: z.literal("approve"),
    /** Replaces the arguments, as JSON text. */
    editedArguments: z.string().nullable().default(null),
    message: z.string().default(""),
  }),
  z.object({ decision: z.literal("deny"), message: z.string().default("") }),
]);
export type ApprovalAnswer = z.infer<typeof approvalAnswerSchema>;

export const commandAcceptedSchema = z.object({
  commandId: idSchema,
  /** True when a gate is connected, so that the command can take effect; null while the tables can't tell. */
  gateConnected: z.boolean().nullable(),
});
export type CommandAccepted = z.infer<typeof commandAcceptedSchema>;

export const feedbackRequestSchema = z.object({
  verdict: feedbackSchema.shape.verdict,
  comment: z.string().default(""),
});
export type FeedbackRequest = z.infer<typeof feedbackRequestSchema>;

export const sqlRequestSchema = z.object({ query: z.string().min(1).max(100_000) });
export type SqlRequest = z.infer<typeof sqlRequestSchema>;
export const sqlResultSchema = z.object({
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
  rows: z.array(z.record(z.string(), z.unknown())),
  /** True when the answer was cut at the row limit. */
  truncated: z.boolean(),
  elapsedMs: z.number(),
});
export type SqlResult = z.infer<typeof sqlResultSchema>;

export const watchEventSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("run"), run: runSummarySchema }),
  z.object({ type: z.literal("step"), step: stepSchema }),
  z.object({ type: z.literal("finding"), finding: findingSchema }),
  z.object({ type: z.literal("score"), score: scoreSchema }),
]);
export type WatchEvent = z.infer<typeof watchEventSchema>;

export const systemStatusSchema = z.object({
  version: z.string(),
  startedAtMs: z.number(),
  parts: z.array(z.object({ name: z.string(), healthy: z.boolean(), detail: z.string() })),
});
export type SystemStatus = z.infer<typeof systemStatusSchema>;

/** Body of every error answer of the operator API. */
export const apiErrorSchema = z.object({ error: z.object({ code: z.string(), message: z.string() }) });
export type ApiError = z.infer<typeof apiErrorSchema>;
