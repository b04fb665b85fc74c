import { createHmac } from "node:crypto";
import { z } from "zod";
import { approvalRequestSchema } from "./approval.ts";
import { assertNever } from "./errors.ts";
import { findingSchema } from "./finding.ts";
import { derivedId, idSchema, tenantIdSchema, timeMsSchema } from "./identifiers.ts";
import { stopReasonSchema } from "./stop-reason.ts";

export const notificationKinds = ["approval-requested", "finding", "pause-unanswered"] as const;

/** As much of a finding as says what is to be looked at. */
const notifiedFindingSchema = findingSchema.pick({
  tenantId: true,
  runId: true,
  findingId: true,
  kind: true,
  confidence: true,
  summary: true,
  intervention: true,
});

/** What people are told of without asking. */
export const notificationSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("approval-requested"),
    agentName: z.string(),
    request: approvalRequestSchema,
  }),
  z.object({ kind: z.literal("finding"), agentName: z.string(), finding: notifiedFindingSchema }),
  z.object({
    kind: z.literal("pause-unanswered"),
    tenantId: tenantIdSchema,
    runId: idSchema,
    agentName: z.string(),
    reason: stopReasonSchema,
    message: z.string(),
    pausedAtMs: timeMsSchema,
  }),
]);
export type Notification = z.infer<typeof notificationSchema>;

const headline = (text: string): string => (text.length <= 300 ? text : `${text.slice(0, 299)}…`);

/** Whoever tells of the same thing, and however often, gives it the same id. */
export function notificationIdOf(notification: Notification): string {
  const { kind } = notification;
  switch (kind) {
    case "approval-requested": {
      const { tenantId, runId, approvalId } = notification.request;
      return derivedId("n", [kind, tenantId, runId, approvalId]);
    }
    case "finding": {
      const { tenantId, findingId } = notification.finding;
      return derivedId("n", [kind, tenantId, findingId]);
    }
    case "pause-unanswered": {
      const { tenantId, runId, pausedAtMs } = notification;
      return derivedId("n", [kind, tenantId, runId, pausedAtMs]);
    }
    default:
      return assertNever(kind);
  }
}

/** The agent where it is known, else its run. */
const nameOf = (agentName: string, runId: string): string => (agentName === "" ? `Run ${runId}` : agentName);

function approvalText({ agentName, request }: Extract<Notification, { kind: "approval-requested" }>): string {
  const { approvalId, toolName, risk, reversible, defaultDecision, expiresAtMs, wasInFlight } = request;
  const lines = [
    `*${nameOf(agentName, request.runId)}* asks: ${toolName}, ${risk} risk, ${reversible ? "can be undone" : "CAN'T BE UNDONE"}`,
    `Run ${request.runId}, step ${String(request.context.steps)}${request.context.goal === "" ? "" : `: ${headline(request.context.goal)}`}`,
    `Call: ${headline(request.arguments)}`,
    request.reasoning === "" ? "" : `Why: ${headline(request.reasoning)}`,
    request.expectedOutcome === "" ? "" : `Expected: ${headline(request.expectedOutcome)}`,
    wasInFlight ? "It was under way when the process ended; it may have taken effect." : "",
    `If nobody answers by ${new Date(expiresAtMs).toISOString()}: ${defaultDecision === "deny" ? "denied" : "approved"}`,
    `plumbline approve ${approvalId}  |  plumbline deny ${approvalId}`,
  ];
  return lines.filter((line) => line !== "").join("\n");
}

function textOf(notification: Notification): string {
  switch (notification.kind) {
    case "approval-requested":
      return approvalText(notification);
    case "finding": {
      const { finding, agentName } = notification;
      return `*${nameOf(agentName, finding.runId)}* ${finding.kind} (${finding.confidence.toFixed(2)}): ${headline(finding.summary)}\nplumbline show ${finding.runId}`;
    }
    case "pause-unanswered": {
      const { agentName, runId, reason, message } = notification;
      const said = message === "" ? "" : `: ${headline(message)}`;
      return `*${nameOf(agentName, runId)}* is paused and nobody has answered (${reason}${said})\nplumbline show ${runId}  |  plumbline resume ${runId}`;
    }
    default:
      return assertNever(notification);
  }
}

/** Headers of a webhook request. */
export const webhookHeader = {
  /** The same for every attempt, and for the same notification from elsewhere. */
  idempotencyKey: "idempotency-key",
  /** Milliseconds since the epoch; part of what is signed, so that a recorded request is worth nothing later. */
  timestamp: "plumbline-timestamp",
  /** `v1=` and the HMAC-SHA256 of `<timestamp>.<body>` in hex. */
  signature: "plumbline-signature",
} as const;

/** Body of a webhook request: what Slack's incoming webhooks take, with the whole notification as metadata. */
export function webhookBody(notification: Notification): string {
  const metadata = {
    event_type: `plumbline_${notification.kind.replaceAll("-", "_")}`,
    event_payload: { id: notificationIdOf(notification), ...notification },
  };
  return JSON.stringify({ text: textOf(notification), metadata });
}

export function webhookSignature(secret: string, timestampMs: number, body: string): string {
  const hmac = createHmac("sha256", secret).update(`${String(timestampMs)}.${body}`);
  return `v1=${hmac.digest("hex")}`;
}

/** Where notifications go. */
export const webhookSchema = z.strictObject({
  url: z.url({ protocol: /^https?$/u }),
  /** Signs every request; unsigned without one. */
  secret: z.string().min(16).nullable().default(null),
  kinds: z.array(z.enum(notificationKinds)).default([...notificationKinds]),
});
export type Webhook = z.infer<typeof webhookSchema>;
