import { systemClock } from "@plumbline/contracts";
import { createSpanSource } from "./genai-spans.ts";

let sources = 0;

/**
 * Milliseconds from sending one span to the receiver's answer that it is durable: the baseline of every figure that
 * counts from an agent's telemetry to what follows from it.
 */
export async function durablePostsMs(otlpUrl: string, count: number): Promise<number[]> {
  sources += 1;
  const source = createSpanSource(`baseline-${String(sources)}-`);
  const durations: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const body = source.next(1, systemClock.nowMs());
    const before = performance.timeOrigin + performance.mark("post").startTime;
    const response = await fetch(`${otlpUrl}/v1/traces`, {
      method: "POST",
      headers: { "content-type": "application/x-protobuf" },
      body,
    });
    await response.arrayBuffer();
    durations.push(performance.timeOrigin + performance.mark("answer").startTime - before);
  }
  return durations;
}
