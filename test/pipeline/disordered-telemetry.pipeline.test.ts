import { Backtest } from "@plumbline/analyzer";
import type { OtlpSpan } from "@plumbline/contracts";
import { createSeededRandom } from "@plumbline/contracts/testing";
import { describe, expect, test } from "vitest";
import { createSpanSource, spansPerRun } from "../../bench/support/genai-spans.ts";
import { decodeTraces } from "../../packages/analyzer/src/ingest/decode/decode.ts";

const runs = 20;
const turns = 10;
const spansPerRequest = 30;
const nowMs = 1_750_000_000_000;

/** Export requests of a busy server, every run in several of them. */
function requestsOf(prefix: string): OtlpSpan[][] {
  const source = createSpanSource(prefix, { turns, runsAtOnce: runs });
  const count = (runs * spansPerRun(turns)) / spansPerRequest;
  return Array.from({ length: count }, (_, index) =>
    decodeTraces(source.next(spansPerRequest, nowMs + index), "application/x-protobuf"),
  );
}

/** As they arrive when a sender has several on their way at once. */
function overtaking<Request>(requests: readonly Request[], atOnce: number, seed: number): Request[] {
  const random = createSeededRandom(seed);
  const waiting = [...requests];
  return requests.flatMap(() =>
    waiting.splice(Math.floor(random.next() * Math.min(atOnce, waiting.length)), 1),
  );
}

describe("runs that work, their requests overtaking each other", () => {
  test.each([
    [1, 1],
    [4, 1],
    [4, 2],
    [8, 3],
  ])("%i at once, order %i: nothing is found", (atOnce, seed) => {
    const backtest = new Backtest();
    for (const spans of overtaking(requestsOf(`run-${String(seed)}-`), atOnce, seed))
      backtest.feed({ spans, logs: [] });
    const seen = backtest.finish();
    expect(seen).toHaveLength(runs);
    expect(seen.flatMap(({ findings }) => findings)).toEqual([]);
  });
});
