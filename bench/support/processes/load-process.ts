import { env } from "node:process";
import { systemClock } from "@plumbline/contracts";
import { createSpanSource } from "../genai-spans.ts";

/** Sends GenAI spans at a stated rate to an OTLP/HTTP receiver until it is told to stop, and reports what was taken. */

const url = `${env["BENCH_LOAD_URL"] ?? ""}/v1/traces`;
const spansPerSecond = Number(env["BENCH_LOAD_RATE"]);
const spansPerRequest = Math.min(512, Math.max(1, Math.round(spansPerSecond / 5)));
const maxOpenRequests = 8;

const source = createSpanSource(`load-${String(process.pid)}-`);
const counts = { sent: 0, accepted: 0, refused: 0, bytes: 0 };
let open = 0;
let stopped = false;

async function sendOne(): Promise<void> {
  open += 1;
  const body = source.next(spansPerRequest, systemClock.nowMs());
  counts.sent += spansPerRequest;
  counts.bytes += body.byteLength;
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/x-protobuf" },
      body,
    });
    await response.arrayBuffer();
    if (response.ok) counts.accepted += spansPerRequest;
    else counts.refused += spansPerRequest;
  } catch {
    counts.refused += spansPerRequest;
  } finally {
    open -= 1;
  }
}

process.once("message", () => (stopped = true));
process.send?.({ ready: true });
const startedAtMs = systemClock.nowMs();
const requestsDue = (): number =>
  ((systemClock.nowMs() - startedAtMs) / 1000) * (spansPerSecond / spansPerRequest);
for (let requests = 0; !stopped;) {
  if (requests < requestsDue() && open < maxOpenRequests) {
    requests += 1;
    void sendOne();
  } else await systemClock.sleep(5);
}
process.send?.({ ...counts, seconds: (systemClock.nowMs() - startedAtMs) / 1000 });
process.disconnect?.();
