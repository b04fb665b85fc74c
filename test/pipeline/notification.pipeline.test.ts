import { type Notification, webhookHeader, webhookSignature } from "@plumbline/contracts";
import { createManualClock, createSeededRandom } from "@plumbline/contracts/testing";
import {
  configurePlumbline,
  createWebhookNotifier,
  resumableRuns,
  RunPausedError,
  shutdown,
  supervise,
} from "@plumbline/instrumentation";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { mkdtempSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { startTestServer } from "./instrumentation-harness.ts";
import { describe, expect, it, onTestFinished } from "vitest";

interface Received {
  headers: IncomingHttpHeaders;
  body: string;
}

async function startReceiver(statuses: number[]) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
    request.on("end", () => {
      received.push({ headers: request.headers, body });
      response.writeHead(statuses.shift() ?? 200).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { received, url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/hook` };
}

const secret = "a secret of enough length";
const pause = (runId: string): Notification => ({
  kind: "pause-unanswered",
  tenantId: "",
  runId,
  agentName: "refunds",
  reason: "LOOP_DETECTED",
  message: "three times the same search",
  pausedAtMs: 1,
});

function notifierFor(url: string, kinds: Notification["kind"][] = ["pause-unanswered"]) {
  const clock = createManualClock(1000);
  const lost: string[] = [];
  const notifier = createWebhookNotifier({
    webhooks: [{ url, secret, kinds }],
    clock,
    random: createSeededRandom(1),
    onLost: (_, why) => lost.push(why),
  });
  return { clock, lost, notifier };
}

describe("a webhook", () => {
  it("gets a signed request that its receiver can check, once for one notification", async () => {
    const { received, url } = await startReceiver([]);
    const { notifier } = notifierFor(url);
    notifier.notify(pause("r-1"));
    notifier.notify(pause("r-1"));
    await expect.poll(() => received.length).toBe(1);
    const [request] = received;
    const timestamp = Number(request?.headers[webhookHeader.timestamp]);
    expect(request?.headers[webhookHeader.signature]).toBe(
      webhookSignature(secret, timestamp, request?.body ?? ""),
    );
    expect(JSON.parse(request?.body ?? "{}")).toMatchObject({
      text: expect.stringContaining("three times the same search") as string,
      metadata: { event_type: "plumbline_pause_unanswered", event_payload: { runId: "r-1" } },
    });
  });

  it("that fails is tried again later, under the same idempotency key", async () => {
    const { received, url } = await startReceiver([503, 429, 200]);
    const { notifier, clock, lost } = notifierFor(url);
    notifier.notify(pause("r-1"));
    await expect
      .poll(async () => {
        await clock.advance(60_000);
        return received.length;
      })
      .toBe(3);
    expect(new Set(received.map(({ headers }) => headers[webhookHeader.idempotencyKey])).size).toBe(1);
    expect(lost).toEqual([]);
  });

  it("that refuses is not asked again, and the loss is told", async () => {
    const { received, url } = await startReceiver([410]);
    const { notifier, lost } = notifierFor(url);
    notifier.notify(pause("r-1"));
    await expect.poll(() => lost.length).toBe(1);
    expect(lost[0]).toMatch(/answered 410/u);
    expect(received).toHaveLength(1);
  });

  it("gets only what it asked for", async () => {
    const { received, url } = await startReceiver([]);
    const { notifier } = notifierFor(url, ["finding"]);
    notifier.notify(pause("r-1"));
    await notifier.flush(10);
    expect(received).toEqual([]);
  });
});

describe("without a server's help an agent", () => {
  it("tells of a pause that nobody answers, after it wrote down where it is, and of what its guards noticed", async () => {
    const { received, url } = await startReceiver([]);
    const server = await startTestServer();
    onTestFinished(async () => {
      await shutdown();
      await server.close();
    });
    configurePlumbline({
      endpoint: server.url,
      trustedKeys: server.trustedKeys,
      dataDirectory: mkdtempSync(join(tmpdir(), "plumbline-")),
      unattendedPauseMs: 50,
      notifications: [{ url, secret }],
    });
    let performed = 0;
    const left = supervise({ name: "refunds", runId: "unattended" }, async (run) => {
      run.tool({
        name: "refund",
        parameters: z.object({}),
        execute: () => {
          performed += 1;
        },
      });
      await run.checkpoint({ next: 1 });
      server.direct("unattended", { desired: "paused", reason: "LOOP_DETECTED", message: "the same again" });
      await server.waitFor(
        "the pause arrived",
        () => server.eventsOf("plumbline.ack", "unattended").length > 0,
      );
      await run.execute([{ id: "c", function: { name: "refund", arguments: "{}" } }]);
    });
    await expect(left).rejects.toThrow(RunPausedError);
    expect(performed).toBe(0);
    expect(await resumableRuns()).toMatchObject([{ runId: "unattended", status: "stopped" }]);
    await expect.poll(() => received.length).toBe(1);
    expect(JSON.parse(received[0]?.body ?? "{}")).toMatchObject({
      text: expect.stringContaining("LOOP_DETECTED: the same again") as string,
      metadata: { event_payload: { kind: "pause-unanswered", runId: "unattended" } },
    });

    await supervise({ name: "refunds", runId: "astray", phases: { plan: ["act"], act: [] } }, (run) => {
      for (const _ of [1, 2]) expect(() => run.phase("celebrate")).toThrow("celebrate");
      return Promise.resolve();
    });
    await expect.poll(() => received.length).toBe(2);
    const { metadata } = JSON.parse(received[1]?.body ?? "{}") as { metadata: { event_payload: object } };
    expect(metadata.event_payload).toMatchObject({
      kind: "finding",
      agentName: "refunds",
      finding: { runId: "astray", kind: "invalid-call", intervention: "nudge" },
    });
    await server.waitFor(
      "the server was told",
      () => server.eventsOf("plumbline.guard.finding", "astray").length > 0,
    );
  });
});
