import { type Finding, judgementRecordSchema } from "@plumbline/contracts";
import { createManualClock } from "@plumbline/contracts/testing";
import { describe, expect, test } from "vitest";
import { Judges } from "./judges.ts";
import type { Judged, ModelJudge } from "./model-judge.ts";

const finding = (name: string, change: Partial<Finding> = {}): Finding => ({
  version: 1,
  tenantId: "",
  runId: "run-1",
  findingId: `f-${name}`,
  kind: "semantic-loop",
  detectorVersion: "1",
  confidence: 0.9,
  stopReason: "LOOP_DETECTED",
  summary: "search was called five times in other words.",
  ruledOut: "",
  firstSequence: 3,
  atSequence: 5,
  lastProgressSequence: 2,
  costSinceProgressMicroUsd: 0,
  evidence: [3, 5].map((sequence) => ({
    stepId: `s-${String(sequence)}`,
    sequence,
    name: "search",
    call: "q",
    returned: "0 rows",
    broughtNew: false,
  })),
  intervention: "nudge",
  enforced: true,
  profile: "enforce",
  traceId: "",
  spanId: "",
  firstAtMs: 1,
  raisedAtMs: 1,
  revision: 0,
  ...change,
});

interface Bed {
  judges: Judges;
  asked: string[];
  written: unknown[];
  unanswered: string[];
  clock: ReturnType<typeof createManualClock>;
}

function bed(answer: (asked: Finding, signal: AbortSignal) => Promise<Judged>, usdPerHour = 1): Bed {
  const [asked, written, unanswered]: [string[], unknown[], string[]] = [[], [], []];
  const judge: ModelJudge = {
    model: "scripted",
    mostOf: () => ({ inputTokens: 1000, outputTokens: 100 }),
    judge: (one, signal) => {
      asked.push(one.findingId);
      return answer(one, signal);
    },
  };
  const clock = createManualClock();
  const judges = new Judges({
    judge,
    clock,
    limits: { questionsPerRun: 2, tokensPerHour: 1_000_000, usdPerHour },
    price: { inputUsdPerMillion: 100, outputUsdPerMillion: 1000 },
    timeoutMs: 20,
    onUnanswered: (reason) => unanswered.push(reason),
    bus: {
      publish: (_topic, records) => {
        for (const { value } of records)
          written.push(JSON.parse(new TextDecoder().decode(value ?? new Uint8Array())));
        return Promise.resolve([]);
      },
    },
  });
  return { judges, asked, written, unanswered, clock };
}

const says = (verdict: Judged["answer"]["verdict"], citedSteps: number[]) => () =>
  Promise.resolve({
    answer: { verdict, citedSteps, reason: "it repeats" },
    inputTokens: 900,
    outputTokens: 40,
  });

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("a model is asked", () => {
  test("about a finding that may lead to a pause, once, and its verdict is a record with the steps it cites", async () => {
    const { judges, asked, written } = bed(says("working", [3, 99]));
    judges.take({ findings: [finding("a"), finding("a", { revision: 1 })] });
    await settled();
    expect(asked).toEqual(["f-a"]);
    expect(written.map((record) => judgementRecordSchema.parse(record))).toMatchObject([
      { findingId: "f-a", verdict: "working", citedStepIds: ["s-3"], model: "scripted", inputTokens: 900 },
    ]);
  });

  test("about nothing that is certain, only told, or done already", async () => {
    const { judges, asked } = bed(says("stuck", [3]));
    const others = [
      { kind: "exact-loop" as const },
      { kind: "goal-drift" as const },
      { intervention: "pause" as const },
    ];
    judges.take({ findings: others.map((change, index) => finding(String(index), change)) });
    await settled();
    expect(asked).toEqual([]);
  });

  test("so often about one run, and as long as money is left in the hour", async () => {
    const { judges, asked, unanswered, clock } = bed(says("stuck", [3]), 0.5);
    judges.take({ findings: ["a", "b", "c"].map((name) => finding(name)) });
    judges.take({ findings: [finding("d", { runId: "run-2" }), finding("e", { runId: "run-3" })] });
    await settled();
    expect(asked).toEqual(["f-a", "f-b"]);
    expect(unanswered).toHaveLength(3);
    await clock.advance(3_600_000);
    judges.take({ findings: [finding("g", { runId: "run-4" })] });
    await settled();
    expect(asked).toEqual(["f-a", "f-b", "f-g"]);
  });
});

describe("no verdict", () => {
  test.each([
    ["of a model that is not sure", says("unsure", [3])],
    ["that cites no step of the evidence", says("working", [77])],
    ["of a model that fails", () => Promise.reject(new Error("503"))],
    [
      "within the time",
      (_: Finding, signal: AbortSignal) =>
        new Promise<Judged>((_resolve, reject) =>
          signal.addEventListener("abort", () => reject(new Error("too late"))),
        ),
    ],
  ])("%s leaves everything as it is", async (_what, answer) => {
    const { judges, written, unanswered } = bed(answer);
    judges.take({ findings: [finding("a")] });
    while (unanswered.length === 0) await settled();
    expect(written).toEqual([]);
    expect(unanswered).toHaveLength(1);
    await judges.close();
  });
});
