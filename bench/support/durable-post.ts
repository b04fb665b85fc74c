import { systemClock } from "@plumbline/contracts";
import { createSpanSource } from "./genai-spans.ts";
import { TimeLimit, within } from "./within.ts";

let sources = 0;

async function post(otlpUrl: string, body: Uint8Array): Promise<void> {
  const response = await fetch(`${otlpUrl}/v1/traces`, {
    method: "POST",
    headers: { "content-type": "application/x-protobuf" },
    body,
  });
  await response.arrayBuffer();
}

/**
 * Milliseconds from sending one span to the receiver's answer that it is durable: the baseline of every figure that
 * counts from an agent's telemetry to what follows from it.
 * @param longestMs after which there are no more posts; the last one then counts as long as it had taken
 */
export async function durablePostsMs(otlpUrl: string, count: number, longestMs: number): Promise<number[]> {
  sources += 1;
  const source = createSpanSource(`baseline-${String(sources)}-`);
  const durations: number[] = [];
  const limit = new TimeLimit(longestMs);
  while (durations.length < count && !limit.isOver) {
    const body = source.next(1, systemClock.nowMs());
    const before = performance.timeOrigin + performance.mark("post").startTime;
    await within(limit.leftMs, post(otlpUrl, body));
    durations.push(performance.timeOrigin + performance.mark("answer").startTime - before);
  }
  return durations;
}
