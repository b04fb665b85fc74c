import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  type Notification,
  notificationIdOf,
  webhookBody,
  webhookSchema,
  webhookSignature,
} from "./notification.ts";

const question = (more: object = {}): Notification => ({
  kind: "approval-requested",
  agentName: "refunds",
  request: {
    version: 1,
    tenantId: "",
    runId: "r-1",
    approvalId: "a-1",
    stepId: "t.s",
    toolName: "refund",
    arguments: '{"order":1042}',
    argsHash: "h",
    reasoning: "Charged twice.",
    expectedOutcome: "",
    risk: "high",
    reversible: false,
    defaultDecision: "deny",
    wasInFlight: false,
    context: { goal: "Refund order 1042", steps: 7, usd: 0.1, actions: [] },
    requestedAtMs: 0,
    expiresAtMs: Date.parse("2026-01-01T00:15:00Z"),
    ...more,
  },
});

describe("a notification", () => {
  it("reads as a message for Slack that says what is asked, what can't be undone and what silence means", () => {
    const body = JSON.parse(webhookBody(question())) as { text: string; metadata: { event_payload: object } };
    expect(body.text.split("\n")).toEqual([
      "*refunds* asks: refund, high risk, CAN'T BE UNDONE",
      "Run r-1, step 7: Refund order 1042",
      'Call: {"order":1042}',
      "Why: Charged twice.",
      "If nobody answers by 2026-01-01T00:15:00.000Z: denied",
      "plumbline approve a-1  |  plumbline deny a-1",
    ]);
    expect(body.metadata.event_payload).toMatchObject({
      id: notificationIdOf(question()),
      kind: "approval-requested",
    });
  });

  it("has one id whoever tells of it, and another for another question", () => {
    const again = question({ reasoning: "another redaction" });
    expect(notificationIdOf(again)).toBe(notificationIdOf(question()));
    expect(notificationIdOf(question({ approvalId: "a-2" }))).not.toBe(notificationIdOf(question()));
  });

  it("is signed over its time and its body, as receivers can check with any HMAC", () => {
    const expected = createHmac("sha256", "0123456789abcdef").update("17.{}").digest("hex");
    expect(webhookSignature("0123456789abcdef", 17, "{}")).toBe(`v1=${expected}`);
  });
});

it("refuses a webhook with a short secret or another protocol", () => {
  const url = "https://example.org/hook";
  expect(webhookSchema.safeParse({ url, secret: "short" }).success).toBe(false);
  expect(webhookSchema.safeParse({ url: "ftp://example.org" }).success).toBe(false);
  expect(webhookSchema.parse({ url }).kinds).toHaveLength(3);
});
