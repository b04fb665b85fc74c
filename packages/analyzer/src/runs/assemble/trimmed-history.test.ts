import type { Message, Observation, Step } from "@plumbline/contracts";
import { describe, expect, test } from "vitest";
import { assemble } from "./fixtures/assemble.ts";
import { answers, calls, modelSpan, modelStart, says, toolSpan, user } from "./fixtures/observations.ts";

const toolArguments = (steps: readonly Step[]): string[] =>
  steps.flatMap((step) => (step.tool === null ? [] : [step.tool.arguments]));

interface Agent {
  turns: number;
  hasToolSpans: boolean;
  /** Id and arguments of the call that turn makes. */
  callId(turn: number): string;
  page(turn: number): number;
  resultOf(turn: number): string;
  /** What the model is sent of the whole history. */
  prompt(history: readonly Message[], turn: number): Message[];
}

const plain: Agent = {
  turns: 40,
  hasToolSpans: true,
  callId: (turn) => `call_${String(turn)}`,
  page: (turn) => turn,
  resultOf: (turn) => `page ${String(turn)}`,
  prompt: (history) => [...history],
};

function runOf(agent: Agent): Observation[] {
  const history: Message[] = [user("Read all pages.")];
  const observations: Observation[] = [];
  for (let turn = 0; turn < agent.turns; turn += 1) {
    const at = turn * 10 + 1;
    const id = agent.callId(turn);
    const asked = { page: agent.page(turn) };
    const request = calls(id, "read", asked);
    observations.push(modelSpan(at, { input: agent.prompt(history, turn), output: [request] }));
    const result = agent.resultOf(turn);
    if (agent.hasToolSpans)
      observations.push(toolSpan(at + 5, { name: "read", id, arguments: JSON.stringify(asked), result }));
    history.push(request, answers(id, result));
  }
  const input = agent.prompt(history, agent.turns);
  observations.push(modelSpan(agent.turns * 10 + 1, { input, output: [says("done")] }));
  return observations;
}

/** A reminder that is new with every call, so that no prompt goes on where another ended. */
const withReminder: Agent["prompt"] = (history, turn) => [...history, user(`${String(turn)} calls so far.`)];
const everyPage = Array.from({ length: plain.turns }, (_, turn) => JSON.stringify({ page: turn })).toSorted();

test("an output that a later span tells again makes no second call", () => {
  const id = "call_9f8e7d6c5b4a3f2e";
  const asked = [user("Read page 1.")];
  const request = calls(id, "read", { page: 1 });
  const history = [...asked, request, answers(id, "page 1")];
  const { steps } = assemble([
    modelSpan(1, { input: asked, output: [request] }),
    modelSpan(3, { input: [...history, user("1 call so far.")], output: [says("parsing")] }),
    modelSpan(5, { input: null, output: [request] }),
    modelSpan(7, { input: [user("So far:"), ...history.slice(1), user("Go on.")], output: [says("done")] }),
  ]);
  expect(toolArguments(steps)).toEqual(['{"page":1}']);
});

describe.each([
  { spans: "with tool spans", hasToolSpans: true },
  { spans: "without tool spans", hasToolSpans: false },
])("$spans", ({ hasToolSpans }) => {
  test("calls that a rewritten prompt tells of again are the steps they were", () => {
    const { steps } = assemble(runOf({ ...plain, hasToolSpans, prompt: withReminder }));
    expect(toolArguments(steps).toSorted()).toEqual(everyPage);
  });

  test("calls that a prompt without its beginning tells of again are the steps they were", () => {
    const lastPages: Agent["prompt"] = (history, turn) => withReminder(history.slice(-13), turn);
    const { steps } = assemble(runOf({ ...plain, hasToolSpans, prompt: lastPages }));
    expect(toolArguments(steps).toSorted()).toEqual(everyPage);
  });

  test("an agent that tells only what is new, and all again once it trims its history, repeats no step", () => {
    const whole = runOf({ ...plain, hasToolSpans });
    let sent = 0;
    const told = whole.flatMap((observation): Observation[] => {
      if (observation.kind !== "model-call-end" || observation.inputMessages === null) return [observation];
      const second = Number.parseInt(observation.spanId, 16);
      const messages = observation.inputMessages;
      const isTrimmed = messages.length > 60 && messages.length % 4 === 1;
      const start = isTrimmed
        ? modelStart(second, messages.slice(-24))
        : modelStart(second, messages.slice(sent), sent);
      sent = messages.length;
      return [start, { ...observation, inputMessages: null, inputMessageCount: 0 }];
    });
    expect(toolArguments(assemble(told).steps).toSorted()).toEqual(everyPage);
  });

  test("a result that is cleared from the history does not make its call a new one", () => {
    const cleared: Agent["prompt"] = (history, turn) =>
      withReminder(
        history.map((message, index) =>
          message.role === "tool" && index < history.length - 4
            ? answers(`call_${String(index / 2 - 1)}`, "[cleared]")
            : message,
        ),
        turn,
      );
    const { steps } = assemble(runOf({ ...plain, hasToolSpans, prompt: cleared }));
    expect(toolArguments(steps).toSorted()).toEqual(everyPage);
    expect(steps.filter((step) => step.tool?.result === "[cleared]")).toEqual([]);
  });

  test("an id that is used again in every turn names another call each time", () => {
    const reused: Agent = { ...plain, hasToolSpans, callId: () => "call_0" };
    for (const prompt of [plain.prompt, withReminder]) {
      const { steps } = assemble(runOf({ ...reused, prompt }));
      expect(toolArguments(steps).toSorted()).toEqual(everyPage);
      const results = steps.flatMap((step) => (step.tool === null ? [] : [String(step.tool.result)]));
      expect(results.toSorted()).toEqual(
        Array.from({ length: plain.turns }, (_, turn) => plain.resultOf(turn)).toSorted(),
      );
    }
  });

  test("a call made again under the same id, with the same arguments and result, is a step each time", () => {
    const stuck: Agent = {
      ...plain,
      hasToolSpans,
      callId: () => "call_0",
      page: () => 1,
      resultOf: () => "page 1",
    };
    expect(toolArguments(assemble(runOf(stuck)).steps)).toHaveLength(plain.turns);
  });
});
