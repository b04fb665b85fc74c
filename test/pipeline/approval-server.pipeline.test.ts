import { configurePlumbline, shutdown, supervise } from "@plumbline/instrumentation";
import { approvalListSchema, runDetailSchema, webhookHeader, webhookSignature } from "@plumbline/contracts";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { createPlace, type PlumblinePlace, runPlumbline } from "./support/plumbline-process.ts";
import { arrival, UpProcess } from "./support/up-process.ts";

const secret = "shared with the receiver";
let place: PlumblinePlace;
let plumbline: UpProcess;
/** What the server told the webhook of its configuration: id and text of every genuine request. */
const told: { id: string; text: string }[] = [];
const receiver = createServer((request, response) => {
  let body = "";
  request.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
  request.on("end", () => {
    const timestampMs = Number(request.headers[webhookHeader.timestamp]);
    const isGenuine =
      request.headers[webhookHeader.signature] === webhookSignature(secret, timestampMs, body);
    const { text } = JSON.parse(body) as { text: string };
    if (isGenuine) told.push({ id: String(request.headers[webhookHeader.idempotencyKey]), text });
    response.writeHead(isGenuine ? 204 : 401).end();
  });
});

/** `plumbline up` with a configuration file that names the webhook. */
function start(): Promise<UpProcess> {
  const { port } = receiver.address() as AddressInfo;
  const file = join(place.dataDirectory, "plumbline.yaml");
  writeFileSync(
    file,
    `notifications:\n  webhooks:\n    - url: http://127.0.0.1:${String(port)}/\n      secret: ${secret}\n`,
  );
  return UpProcess.start(place, ["--config", file]);
}

beforeAll(async () => {
  place = await createPlace(mkdtempSync(join(tmpdir(), "plumbline-approval-")), "observe");
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  plumbline = await start();
  configurePlumbline({
    endpoint: `http://127.0.0.1:${String(place.otlpHttpPort)}`,
    dataDirectory: place.dataDirectory,
    approvals: { from: "high" },
  });
}, 60_000);
afterAll(async () => {
  await shutdown();
  await plumbline.stop();
  receiver.close();
  receiver.closeAllConnections();
  rmSync(place.dataDirectory, { recursive: true, force: true });
});

const json = async (...args: string[]): Promise<unknown> => {
  const { code, output } = await runPlumbline([...args, "--json"], place);
  if (code !== 0) throw new Error(output);
  return JSON.parse(output);
};

it("keeps a question through a restart of the server, and takes its answer from the command line", async () => {
  const performed: unknown[] = [];
  const done = supervise({ name: "refunds", goal: "Refund 1042", runId: "served" }, async (run) => {
    run.tool({
      name: "refund",
      parameters: z.object({ order: z.number(), amount: z.number().max(50) }),
      reversible: false,
      execute: (input) => {
        performed.push(input);
        return "refunded";
      },
    });
    const call = { id: "c", function: { name: "refund", arguments: '{"order":1042,"amount":40}' } };
    return (await run.execute([call]))[0]?.content;
  });
  const { client } = plumbline;
  await expect
    .poll(async () => (await client.approvals({ pending: true })).approvals, arrival)
    .toHaveLength(1);
  await expect.poll(() => told.length, arrival).toBeGreaterThan(0);
  await plumbline.killAndRestart();

  expect(new Set(told.map(({ id }) => id)).size).toBe(1);
  expect(told[0]?.text).toContain("asks: refund, high risk, CAN'T BE UNDONE");

  const [asked] = approvalListSchema.parse(await json("approvals")).approvals;
  const approvalId = asked?.request.approvalId ?? "";
  expect(asked).toMatchObject({
    status: "pending",
    request: { runId: "served", toolName: "refund", risk: "high" },
  });
  const shown = await runPlumbline(["show", "served"], place);
  expect(shown.output).toMatch(/AWAITING APPROVAL/u);
  expect(shown.output).toContain(`plumbline approve ${approvalId}`);

  const edited = await runPlumbline(
    ["approve", approvalId.slice(0, 8), "--edit", '{"order":1042,"amount":5}', "--message", "five is fair"],
    place,
  );
  expect(edited).toMatchObject({ code: 0 });
  expect(await done).toBe("refunded");
  expect(performed).toEqual([{ order: 1042, amount: 5 }]);

  const settled = async (): Promise<boolean> => {
    const { approvals, checkpoints } = await client.run("served");
    return approvals[0]?.acknowledged === true && checkpoints.some(({ phase }) => phase === "action-done");
  };
  await expect.poll(settled, arrival).toBe(true);
  const detail = runDetailSchema.parse(await json("show", "served"));
  expect(detail.approvals[0]).toMatchObject({
    status: "approved",
    decidedBy: "user:local",
    message: "five is fair",
    acknowledged: true,
  });
  expect(detail.checkpoints.map(({ phase }) => phase)).toContain("action-done");
  const again = await runPlumbline(["deny", approvalId], place);
  expect(again.code).toBe(1);
  expect(again.output).toContain("is settled: approved by user:local");
  expect((await runPlumbline(["approvals"], place)).output).toContain("Nothing waits for an answer.");
}, 120_000);
