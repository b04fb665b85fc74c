import { noUsage, type Observation } from "@plumbline/contracts";
import { expect, test } from "vitest";
import { createAssembler } from "./create-assembler.ts";
import { assemble } from "./fixtures/assemble.ts";
import { modelSpan, rootSpan, says, user } from "./fixtures/observations.ts";

const total = { ...noUsage, inputTokens: 2175, outputTokens: 189 };
const root: Observation = { ...rootSpan(9, "Where is order 7?"), usage: total } as Observation;
const call = modelSpan(
  1,
  { input: [user("Where is order 7?")], output: [says("On its way.")] },
  { parentSpanId: root.spanId },
);
const beside = modelSpan(2, { input: null, output: null }, { parentSpanId: "00000000000000aa" });

test.each([
  ["after its call", [call, beside, root]],
  ["before its call", [root, beside, call]],
])("tokens that a scope tells for all calls right under it are theirs, told %s", (_when, observations) => {
  const steps = new Map(assemble(observations).steps.map((step) => [step.spanId, step]));
  expect(steps.get(call.spanId)?.model?.usage).toEqual(total);
  expect(steps.get(beside.spanId)?.model?.usage).toMatchObject({ inputTokens: 100 });
});

test("a total that is told again changes nothing", () => {
  const assembler = createAssembler();
  let state = assembler.begin({ tenantId: "", runId: "run-1" });
  for (const observation of [call, root]) state = assembler.next(state, observation).state;
  expect(assembler.next(state, root).steps).toEqual([]);
});
