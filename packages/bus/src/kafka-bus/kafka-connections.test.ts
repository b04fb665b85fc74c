import RequestQueue from "kafkajs/src/network/requestQueue/index.js";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { letRequestQueuesRest } from "./kafka-connections.ts";

function requestQueue(): RequestQueue {
  return new RequestQueue({
    maxInFlightRequests: null,
    requestTimeout: 30_000,
    enforceRequestTimeout: false,
    clientId: "test",
    broker: "127.0.0.1:9092",
    logger: { debug: () => undefined },
  });
}

beforeEach(async () => {
  await letRequestQueuesRest();
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

test("a queue in which nothing waits sets no timer", () => {
  requestQueue().scheduleCheckPendingRequests();
  expect(vi.getTimerCount()).toBe(0);
});

test("a request that has to wait is sent once it may be, and then the queue rests", () => {
  const queue = requestQueue();
  queue.maybeThrottle(250);
  const sendRequest = vi.fn<() => void>();
  queue.push({ entry: { correlationId: 1 }, expectResponse: true, sendRequest });
  vi.advanceTimersByTime(200);
  expect(sendRequest).not.toHaveBeenCalled();
  vi.advanceTimersByTime(100);
  expect(sendRequest).toHaveBeenCalledOnce();
  expect(vi.getTimerCount()).toBe(0);
});
