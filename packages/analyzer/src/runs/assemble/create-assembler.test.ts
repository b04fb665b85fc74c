import { noUsage, type Observation, type Step, stepSchema } from "@plumbline/contracts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createAssembler } from "./create-assembler.ts";
import { assemble } from "./fixtures/assemble.ts";
import { wholeRun } from "./fixtures/whole-run.ts";
import {
  answers,
  calls,
  loggedMessages,
  modelEndEvent,
  modelSpan,
  modelStart,
  rootSpan,
  says,
  toolEndEvent,
  toolSpan,
  toolStart,
  traceId,
  user,
} from "./fixtures/observations.ts";

const assembler = createAssembler();
/** Order matters to nothing as long as nothing is settled. */
const patient = createAssembler({ window: { maxRecords: 1_000, maxChars: 1_000_000 } });

const withoutOrder = (steps: readonly Step[]): unknown =>
  steps.map(({ sequence: _sequence, revision: _revision, ...step }) => step);
const names = (steps: readonly Step[]): string[] => steps.map((step) => step.name);

const asked = user("Where is order 7?");
const call = calls("call_a", "get_order", { id: 7 });
const answer = answers("call_a", { status: "shipped" });
const first = modelSpan(1, { input: [asked], output: [call] });
const tool = toolSpan(2, {
  name: "get_order",
  id: "call_a",
  arguments: '{"id":7}',
  result: '{"status":"shipped"}',
});
const second = modelSpan(3, { input: [asked, call, answer], output: [says("It is on its way.")] });

test("a model call, its tool call and the next model call are three steps", () => {
  const { steps, goal } = assemble([first, tool, second]);
  expect(names(steps)).toEqual(["gpt-5-mini", "get_order", "gpt-5-mini"]);
  expect(goal).toBe("Where is order 7?");
  for (const step of steps) expect(stepSchema.parse(step)).toEqual(step);
});

test("a prompt holds as new only what the previous one did not have", () => {
  const { steps } = assemble([first, tool, second]);
  expect(steps.at(-1)?.model).toMatchObject({ newInputMessages: [answer], inputMessageCount: 3 });
});

test("a tool call without a span becomes a synthetic step once a later prompt answers it", () => {
  expect(assemble([first]).steps).toHaveLength(1);
  const { steps } = assemble([first, second]);
  expect(steps[1]).toMatchObject({
    name: "get_order",
    synthetic: true,
    tool: { callId: "call_a", arguments: '{"id":7}', result: '{"status":"shipped"}' },
  });
});

test("a tool span that comes late retracts the synthetic step in its place", () => {
  const { steps, emitted } = assemble([first, second, tool]);
  expect(steps.filter((step) => step.kind === "tool")).toMatchObject([{ synthetic: false }]);
  expect(emitted.filter((step) => step.retracted)).toMatchObject([{ synthetic: true }]);
});

test("a tool span without a result takes it from the next prompt", () => {
  const bare = toolSpan(2, { name: "get_order", id: "call_a" });
  const { steps } = assemble([first, bare, second]);
  expect(steps[1]).toMatchObject({
    synthetic: false,
    tool: { arguments: '{"id":7}', result: '{"status":"shipped"}' },
  });
});

test("calls without ids are answered in their order", () => {
  const twice = [calls(null, "search", { q: "a" }), calls(null, "search", { q: "b" })];
  const { steps } = assemble([
    modelSpan(1, { input: [asked], output: twice }),
    modelSpan(3, {
      input: [asked, ...twice, answers(null, "A"), answers(null, "B")],
      output: [says("done")],
    }),
  ]);
  const results = steps.flatMap((step) =>
    step.tool === null ? [] : [[step.tool.arguments, step.tool.result]],
  );
  expect(results).toEqual([
    ['{"q":"a"}', "A"],
    ['{"q":"b"}', "B"],
  ]);
});

test("a call that is told as an item and answered under its call id is one call", () => {
  const items = [calls("fc_1", "search", { q: "a" }), calls("fc_2", "search", { q: "b" })];
  const told = [asked, ...items, answers("call_1", "A"), answers("call_2", "B")];
  const third = calls("fc_3", "search", { q: "c" });
  const { steps } = assemble([
    modelSpan(1, { input: [asked], output: items }),
    modelSpan(3, { input: told, output: [third] }),
    modelSpan(5, { input: [...told, third, answers("call_3", "C")], output: [says("done")] }),
  ]);
  expect(steps.flatMap(({ tool: made }) => (made === null ? [] : [made.result]))).toEqual(["A", "B", "C"]);
});

test("a prompt that repeats calls as items makes no new calls of them", () => {
  const repeated = [asked, calls("fc_1", "get_order", { id: 7 }), answers("call_a", { status: "shipped" })];
  const { steps } = assemble([first, modelSpan(3, { input: repeated, output: [says("It is on its way.")] })]);
  expect(steps.flatMap(({ tool: made }) => (made === null ? [] : [made.result]))).toEqual([
    '{"status":"shipped"}',
  ]);
});

test("tool calls of an earlier conversation that stand in the first prompt are no steps", () => {
  const { steps } = assemble([
    modelSpan(1, { input: [asked, call, answer, user("And order 8?")], output: [says("?")] }),
  ]);
  expect(names(steps)).toEqual(["gpt-5-mini"]);
});

test("a result that says it failed under an OK span is a hidden error", () => {
  const failed = toolSpan(2, { name: "refund", result: '{"success":false,"code":"LOCKED"}' });
  expect(assemble([failed]).steps[0]?.outcome.class).toBe("hidden-error");
});

test("a model span under a model span is one call, with the fields of both", () => {
  const outer = modelSpan(1, { input: [asked], output: [says("hi")] }, { usage: null });
  const inner = modelSpan(2, { input: null, output: null }, { parentSpanId: "0000000000000001" });
  const { steps } = assemble([inner, outer]);
  expect(steps).toMatchObject([{ spanId: "0000000000000001", model: { usage: { inputTokens: 100 } } }]);
});

test("of two counts for one call that of the innermost span holds", () => {
  const counted = (outputTokens: number) => ({ usage: { ...noUsage, inputTokens: 100, outputTokens } });
  const outer = modelSpan(1, { input: [asked], output: [says("hi")] }, counted(25));
  const inner = modelSpan(
    2,
    { input: null, output: null },
    { parentSpanId: "0000000000000001", ...counted(24) },
  );
  expect(assemble([inner, outer]).steps).toMatchObject([{ model: { usage: { outputTokens: 24 } } }]);
});

test("a call of our own instrumentation keeps its step under a foreign span around it", () => {
  const foreign = modelSpan(1, { input: [asked], output: [says("hi")] }, { dialect: "openinference" });
  const own = modelSpan(
    2,
    { input: [asked], output: [says("hi")] },
    { dialect: "plumbline", parentSpanId: "0000000000000001" },
  );
  for (const order of [
    [own, foreign],
    [foreign, own],
  ]) {
    expect(assemble(order).steps).toMatchObject([{ spanId: "0000000000000002", dialect: "plumbline" }]);
  }
});

test("a model span around several calls that were answered is no call itself", () => {
  const wrapper = modelSpan(1, { input: [asked], output: [says("done")] });
  const below = [2, 3].map((at) =>
    modelSpan(at, { input: [asked], output: [says(String(at))] }, { parentSpanId: "0000000000000001" }),
  );
  expect(assemble([...below, wrapper]).steps.map((step) => step.spanId)).toEqual([
    "0000000000000002",
    "0000000000000003",
  ]);
});

test("a failed attempt under a call that was answered is part of it", () => {
  const outer = modelSpan(1, { input: [asked], output: [says("done")] });
  const failed = modelSpan(
    2,
    { input: null, output: null },
    { parentSpanId: "0000000000000001", usage: null, error: { type: "429", message: null } },
  );
  const answeredLater = modelSpan(
    3,
    { input: null, output: [says("done")] },
    { parentSpanId: "0000000000000001" },
  );
  expect(assemble([failed, answeredLater, outer]).steps).toMatchObject([
    { spanId: "0000000000000001", outcome: { class: "ok" } },
  ]);
});

test("two overlapping model spans of the same response are one call", () => {
  const told = modelSpan(1, { input: [asked], output: [says("hi")] }, { responseId: "resp_1" });
  const bare = modelSpan(
    2,
    { input: null, output: null },
    { responseId: "resp_1", startMs: 1_750_000_001_100, endMs: 1_750_000_001_200 },
  );
  expect(assemble([bare, told]).steps).toMatchObject([{ spanId: "0000000000000001" }]);
});

test("a tool span under a span of the same tool is one call, and its error counts", () => {
  const inner = toolSpan(
    3,
    { name: "get_order" },
    { parentSpanId: "0000000000000002", error: { type: "KeyError", message: "7" } },
  );
  const { steps } = assemble([inner, tool]);
  expect(steps).toMatchObject([
    { spanId: "0000000000000002", outcome: { class: "error", errorType: "KeyError" } },
  ]);
});

test("an agent called as a tool keeps its own tools as steps", () => {
  const inner = toolSpan(3, { name: "lookup" }, { parentSpanId: "0000000000000002" });
  expect(names(assemble([inner, tool]).steps)).toEqual(["get_order", "lookup"]);
});

test("a start event is a running step at once, its end event ends it, and the span doubles nothing", () => {
  const start = modelStart(1, [asked]);
  const running = assemble([start]).steps;
  expect(running).toMatchObject([
    { state: "running", outcome: { class: "unknown" }, model: { newInputMessages: [asked] } },
  ]);
  const { steps, emitted } = assemble([start, modelEndEvent(1, [call]), first]);
  expect(steps).toMatchObject([
    { state: "ended", model: { newInputMessages: [asked], output: [call], usage: { inputTokens: 100 } } },
  ]);
  expect(new Set(emitted.map((step) => step.stepId)).size).toBe(1);
});

test("a start event that holds its whole prompt is cut like a span's", () => {
  const again = modelStart(3, [asked, call, answer]);
  expect(
    assemble([modelStart(1, [asked]), modelEndEvent(1, [call]), again]).steps.at(-1)?.model,
  ).toMatchObject({
    newInputMessages: [answer],
    inputMessageCount: 3,
  });
});

test("events and span of a tool call are one step with what each knows", () => {
  const observations = [
    toolStart(2, { name: "get_order", id: "call_a", arguments: '{"id":7}' }),
    toolEndEvent(2, { name: "get_order", id: "call_a", result: "shipped" }),
    tool,
  ];
  expect(assemble(observations).steps).toMatchObject([
    { state: "ended", tool: { callId: "call_a", arguments: '{"id":7}', traits: { risk: "low" } } },
  ]);
});

test("content that only log records carry joins the span", () => {
  const bare = modelSpan(1, { input: null, output: null });
  const { steps, goal } = assemble([
    loggedMessages(1, { direction: "input", messages: [asked] }),
    bare,
    loggedMessages(1, { direction: "output", messages: [call] }, 1),
  ]);
  expect(steps).toMatchObject([{ model: { newInputMessages: [asked], output: [call] } }]);
  expect(goal).toBe("Where is order 7?");
});

test("log records alone make no step", () => {
  expect(assemble([loggedMessages(1, { direction: "input", messages: [asked] })]).steps).toEqual([]);
});

test("a declared goal counts more than the first message", () => {
  const { goal } = assemble([first, rootSpan(9, "Ignored, for it began no earlier")]);
  expect(goal).toBe("Ignored, for it began no earlier");
});

test("a model without a known price costs null, not zero", () => {
  const { steps } = assemble([
    modelSpan(1, { input: null, output: null }, { requestModel: "in-house-7b", responseModel: null }),
  ]);
  expect(steps[0]?.model?.costMicroUsd).toBeNull();
});

test("evidence of a recent step is a line each", () => {
  let state = assembler.begin({ tenantId: "", runId: "run-1" });
  for (const observation of [first, tool]) ({ state } = assembler.next(state, observation));
  expect(assembler.evidenceOf(state, `${traceId}.0000000000000002`)).toEqual({
    call: '{"id":7}',
    returned: '{"status":"shipped"}',
  });
});

test("any order of arrival, and any repetition, ends with the same steps", () => {
  const inOrder = assemble(wholeRun(5), patient);
  expect(inOrder.steps).toHaveLength(11);
  fc.assert(
    fc.property(
      fc.shuffledSubarray(wholeRun(5), { minLength: wholeRun(5).length }),
      fc.array(fc.nat(20)),
      (shuffled, again) => {
        const repeated = again.flatMap((index) => shuffled.slice(index, index + 1));
        const outcome = assemble([...shuffled, ...repeated], patient);
        expect(withoutOrder(outcome.steps)).toEqual(withoutOrder(inOrder.steps));
        expect(outcome.goal).toBe(inOrder.goal);
      },
    ),
    { numRuns: 60 },
  );
});

/** The same run as wholeRun, without content on its spans: only log records, message by message, tell of it. */
function loggedRun(turns: number): Observation[] {
  const history = [asked];
  const observations: Observation[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    const at = turn * 10 + 1;
    const request = calls(`call_${String(turn)}`, "search", { turn });
    observations.push(
      ...history.map((message, index) =>
        loggedMessages(at, { direction: "input", messages: [message] }, index),
      ),
      modelSpan(at, { input: null, output: null }),
      loggedMessages(at, { direction: "output", messages: [request] }, 500),
    );
    history.push(request, answers(`call_${String(turn)}`, `result ${String(turn)}`));
  }
  return observations;
}

test("content in single log records gives the same steps in any order", () => {
  const inOrder = assemble(loggedRun(4), patient);
  expect(inOrder.steps.map((step) => step.kind)).toEqual([
    "model",
    "tool",
    "model",
    "tool",
    "model",
    "tool",
    "model",
  ]);
  const all = loggedRun(4);
  fc.assert(
    fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (shuffled) => {
      expect(withoutOrder(assemble(shuffled, patient).steps)).toEqual(withoutOrder(inOrder.steps));
    }),
    { numRuns: 60 },
  );
});

test("a repeated record says nothing new", () => {
  const run = wholeRun(4);
  const once = assemble(run);
  expect(assemble([...run, ...run]).emitted).toHaveLength(once.emitted.length);
});

test("a long run keeps a bounded state and every step", () => {
  const { steps, stateBytes } = assemble(wholeRun(120));
  expect(steps).toHaveLength(241);
  expect(stateBytes).toBeLessThan(20_000);
});

test("a tool span that comes after its stand-in was settled is not counted again", () => {
  const run = wholeRun(12).filter((observation) => observation.kind !== "tool-call-end");
  const { steps } = assemble([...run, toolSpan(5, { name: "search", id: "call_0", result: "result 0" })]);
  expect(steps.filter((step) => step.tool?.callId === "call_0")).toMatchObject([{ synthetic: true }]);
});

test("sequences count up from one without gaps", () => {
  const { emitted } = assemble(wholeRun(12));
  const sequences = new Set(emitted.map((step) => step.sequence));
  expect([...sequences].toSorted((one, other) => one - other)).toEqual(
    [...sequences.keys()].map((_value, index) => index + 1),
  );
});
