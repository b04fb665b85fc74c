import { identifyRun, topic } from "@plumbline/contracts";
import { expect, test } from "vitest";
import type { IdentityHints, ObservationDraft } from "../recognise/draft.ts";
import { Affinity, type AffinityResult } from "./affinity.ts";

const nothing: IdentityHints = {
  runId: null,
  conversationId: null,
  systemPrompt: null,
  firstUserMessage: null,
  firstCallId: null,
  isContinued: false,
  isAnswered: false,
  tellsReply: false,
  references: [],
  process: "shop|1",
};

let offset = 0;

/** A record of trace `trace`; a model call that tells nothing unless the hints say otherwise. */
function draft(
  trace: string,
  hints: Partial<IdentityHints> = {},
  kind: "model" | "tool" = "model",
): ObservationDraft {
  offset += 1;
  const common = {
    version: 1 as const,
    observationId: `s-${String(offset)}`,
    tenantId: "",
    principal: "",
    source: { topic: topic.spans, partition: 0, offset, index: 0 },
    dialect: "genai",
    service: "shop",
    agentName: "",
    traceId: trace,
    spanId: "b7ad6b7169203331",
    parentSpanId: "",
    atMs: 1_750_000_000_000 + offset,
    startMs: 1_750_000_000_000 + offset,
    endMs: 1_750_000_000_000 + offset,
    error: null,
  };
  const tool = {
    kind: "tool-call-end" as const,
    toolName: "search",
    callId: null,
    arguments: null,
    result: null,
    traits: {},
  };
  const model = {
    kind: "model-call-end" as const,
    provider: "",
    requestModel: "",
    responseModel: null,
    responseId: null,
    previousResponseId: null,
    systemInstructions: null,
    inputMessages: null,
    inputOffset: 0,
    inputMessageCount: 0,
    output: null,
    finishReasons: [],
    usage: null,
    reportedCostMicroUsd: null,
  };
  return {
    observation: kind === "tool" ? { ...common, ...tool } : { ...common, ...model },
    hints: { ...nothing, ...hints },
  };
}

const runsOf = ({ ready }: AffinityResult): string[] => ready.map((observation) => observation.affinity);
const conversation = (id: string): string => identifyRun({ tenantId: "", conversationId: id })?.runId ?? "";
const begins = (call: string): Partial<IdentityHints> => ({
  firstUserMessage: "Find it",
  firstCallId: call,
  isAnswered: true,
  tellsReply: true,
  references: [call],
});
const goesOn = (call: string): Partial<IdentityHints> => ({ ...begins(call), isContinued: true });

test("an explicit run id names the run at once", () => {
  expect(runsOf(new Affinity().accept([draft("a", { runId: "r-1", conversationId: "c" })], 0))).toEqual([
    "r-1",
  ]);
});

test("the same conversation is the same run in every trace", () => {
  const affinity = new Affinity();
  const result = affinity.accept(
    [draft("a", { conversationId: "c" }), draft("b", { conversationId: "c" })],
    0,
  );
  expect(runsOf(result)).toEqual([conversation("c"), conversation("c")]);
});

test("a record that tells nothing waits for one of its trace that does", () => {
  const affinity = new Affinity();
  expect(affinity.accept([draft("a", {}, "tool")], 0).ready).toEqual([]);
  expect(affinity.heldSources()).toHaveLength(1);
  expect(runsOf(affinity.accept([draft("a", { conversationId: "c" })], 100))).toEqual([
    conversation("c"),
    conversation("c"),
  ]);
  expect(affinity.heldCount).toBe(0);
});

test("after 250 ms a trace stands by its own id, and keeps it", () => {
  const affinity = new Affinity();
  affinity.accept([draft("a")], 0);
  expect(affinity.tick(249).ready).toEqual([]);
  expect(runsOf(affinity.tick(250))).toEqual(["t-a"]);
  const late = affinity.accept([draft("a", { conversationId: "c" })], 300);
  expect(late.ready).toMatchObject([{ affinity: "t-a", aliases: [conversation("c")] }]);
});

test("another name learned late leads later traces to the same run", () => {
  const affinity = new Affinity();
  affinity.accept([draft("a", begins("call_0123456789"))], 0);
  const { ready } = affinity.accept([draft("a", { conversationId: "c" })], 1);
  expect(runsOf(affinity.accept([draft("b", { conversationId: "c" })], 2))).toEqual([ready[0]?.affinity]);
});

test("model calls in traces of their own are one run by their history", () => {
  const affinity = new Affinity();
  const runs = [
    ...runsOf(affinity.accept([draft("a", begins("call_1"))], 0)),
    ...runsOf(affinity.accept([draft("b", goesOn("call_1"))], 1)),
  ];
  expect(new Set(runs).size).toBe(1);
});

test("two runs that were asked the same are two runs, on whichever partition their records arrive", () => {
  const one = new Affinity();
  const [first] = runsOf(one.accept([draft("a", begins("call_1"))], 0));
  const [second] = runsOf(one.accept([draft("b", begins("call_2"))], 1));
  expect(second).not.toBe(first);
  expect(
    runsOf(new Affinity().accept([draft("c", goesOn("call_1")), draft("d", goesOn("call_2"))], 0)),
  ).toEqual([first, second]);
});

test("the same question, answered in words each time, is a run for each that asks", () => {
  const answered = { firstUserMessage: "Is all well?", isAnswered: true, tellsReply: true };
  const affinity = new Affinity();
  const runs = ["a", "b", "c"].flatMap((trace) => runsOf(affinity.accept([draft(trace, answered)], 0)));
  expect(new Set(runs).size).toBe(3);
  const [next] = runsOf(affinity.accept([draft("d", { ...answered, isContinued: true })], 1));
  expect(next).toBe(runs[2]);
});

test("a run whose first reply nobody recorded goes on with the prompt that tells of it", () => {
  const affinity = new Affinity();
  const [first] = runsOf(affinity.accept([draft("a", { firstUserMessage: "Find it" })], 0));
  const later = affinity.accept([draft("b", goesOn("call_1")), draft("c", goesOn("call_1"))], 1);
  expect(runsOf(later)).toEqual([first, first]);
});

test("a run whose replies nobody records is one run on every partition", () => {
  const silent = { tellsReply: false };
  const [first] = runsOf(new Affinity().accept([draft("a", { firstUserMessage: "Find it" })], 0));
  expect(runsOf(new Affinity().accept([draft("b", { ...goesOn("call_1"), ...silent })], 0))).toEqual([first]);
});

test("a tool span in a trace of its own follows its call id", () => {
  const affinity = new Affinity();
  const [run] = runsOf(affinity.accept([draft("a", begins("call_1"))], 0));
  expect(runsOf(affinity.accept([draft("b", { references: ["call_1"] }, "tool")], 1))).toEqual([run]);
});

test("a lone tool span goes to the one run of its process, and to none of two", () => {
  const affinity = new Affinity();
  const [run] = runsOf(affinity.accept([draft("a", { conversationId: "c" })], 0));
  affinity.accept([draft("b", {}, "tool")], 1);
  expect(runsOf(affinity.tick(1_000))).toEqual([run]);
  affinity.accept([draft("d", { conversationId: "other" }), draft("e", {}, "tool")], 1_001);
  expect(runsOf(affinity.tick(2_000))).toEqual(["t-e"]);
});

test("a decision holds after a restart", () => {
  const before = new Affinity();
  before.accept([draft("a")], 0);
  const { decisions } = before.tick(1_000);
  expect(decisions).toEqual([{ key: "trace//a", runId: "t-a" }]);
  const after = new Affinity();
  after.restore(decisions);
  expect(runsOf(after.accept([draft("a", { conversationId: "c" })], 0))).toEqual(["t-a"]);
});

test("decisions that a smaller successor has no room for are given up as well", () => {
  const affinity = new Affinity({ maxTraces: 1 });
  affinity.restore([
    { key: "trace//a", runId: "t-a" },
    { key: "trace//b", runId: "t-b" },
  ]);
  expect(affinity.tick(0).decisions).toEqual([{ key: "trace//a", runId: "" }]);
});

test("traces beyond the limit are given up oldest first, and said so", () => {
  const affinity = new Affinity({ maxTraces: 2 });
  affinity.accept([draft("a", { conversationId: "c" }), draft("b")], 0);
  const { decisions, ready } = affinity.accept([draft("c"), draft("d")], 1);
  expect(decisions).toContainEqual({ key: "trace//a", runId: "" });
  expect(runsOf({ ready, decisions })).toEqual(["t-b"]);
});

test("tenants share nothing", () => {
  const affinity = new Affinity();
  const foreign = draft("a", { conversationId: "c" });
  const own = { ...foreign, observation: { ...foreign.observation, tenantId: "acme" } };
  const [first, second] = runsOf(affinity.accept([foreign, own], 0));
  expect(first).not.toBe(second);
});
