// A webhook is told when a person is needed; its receiver checks the signature. Slack's incoming webhooks work as they are.
//   node examples/guide/notifications.ts
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { configurePlumbline, shutdown, supervise } from "@plumbline/instrumentation";
import { z } from "zod";

const secret = "change me to something long";

const receiver = createServer((request, response) => {
  let body = "";
  request.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
  request.on("end", () => {
    const timestamp = String(request.headers["plumbline-timestamp"]);
    const expected = `v1=${createHmac("sha256", secret).update(`${timestamp}.${body}`).digest("hex")}`;
    const given = String(request.headers["plumbline-signature"]);
    const isGenuine =
      expected.length === given.length && timingSafeEqual(Buffer.from(expected), Buffer.from(given));
    const isFresh = Math.abs(Date.now() - Number(timestamp)) < 300_000;
    response.writeHead(isGenuine && isFresh ? 204 : 401).end();
    const { text } = JSON.parse(body) as { text: string };
    console.log(isGenuine && isFresh ? `told: ${text.split("\n")[0] ?? ""}` : "a forged request");
  });
});
await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
const url = `http://127.0.0.1:${String((receiver.address() as AddressInfo).port)}/plumbline`;

configurePlumbline({
  notifications: [{ url, secret, kinds: ["approval-requested", "pause-unanswered"] }],
  approvals: { from: "high", timeoutMs: 500 },
});
await supervise({ name: "mailer", goal: "Tell all customers" }, async (run) => {
  run.tool({ name: "send_all", parameters: z.object({}), execute: () => "sent" });
  const [answer] = await run.execute([{ id: "c", function: { name: "send_all", arguments: "{}" } }]);
  console.log(answer?.content);
});
await shutdown();
receiver.close();

// Prints:
//   told: *mailer* asks: send_all, high risk, CAN'T BE UNDONE
//   Error: APPROVAL_TIMEOUT: nobody allowed send_all in time. It was not done.
