import type { Step } from "@plumbline/contracts";
import { describe, expect, test } from "vitest";
import { createMonitor } from "../../create-monitor.ts";
import { createPolicy } from "../../decide/policy.ts";
import type { MonitorInput } from "../../monitor.ts";
import { promptAckOf } from "../../evaluate/prompt-ack.ts";
import { type Event, stepsOf, times, watch } from "../../fixtures/scenarios.ts";

const cities = ["Oslo", "Turin", "Porto", "Ghent", "Basel", "Malmo", "Lyon", "Riga", "Vigo", "Graz"];

describe("semantic loop", () => {
  test("one thing asked in other words, always empty, is held", () => {
    const words = [
      "broken product refund",
      "refund for broken products",
      "product broken money back refund",
      "refunding a broken product",
      "broken products refund rule",
      "refund rule broken product",
      "product refund broken",
      "refund broken",
    ];
    const { callsUntil } = watch(stepsOf(words.map((q) => ({ tool: "search", args: { q }, result: [] }))), {
      goal: "Find the refund rule for broken products",
    });
    expect(callsUntil("pause", "semantic-loop")).toBeLessThanOrEqual(8);
  });

  test("a new item in every call is a batch, even when all come back empty", () => {
    const events = cities.map((city) => ({ tool: "offices", args: { city }, result: [] }));
    expect(watch(stepsOf(events)).strongest("semantic-loop")).toBeNull();
  });

  test("an id in every call is a batch", () => {
    const events = times(10, (index) => ({
      tool: "orders",
      args: { customer: `C-${String(7000 + index * 31)}` },
      result: [],
    }));
    expect(watch(stepsOf(events)).strongest("semantic-loop")).toBeNull();
  });

  test("reworded searches that find something are research", () => {
    const events = times(10, (index) => ({
      tool: "search",
      args: { q: index % 2 === 0 ? "leave policy Berlin" : "Berlin policy leave" },
      result: `paragraph ${String(index * 3)} about day${String(index)}`,
    }));
    expect(watch(stepsOf(events)).strongest("semantic-loop")).toBeNull();
  });

  const requests = [
    "Please scan the whole video and write down when several birds are on screen",
    "Go over the recording once and note the times at which there is more than one bird",
    "Watch the clip from the beginning and list the moments with a number of birds in view",
    "Look through all of the film and tell at which times you see more than a single bird",
    "Please view the footage and report the points at which some birds appear together",
    "Check the video from start to end and collect the times that show many birds",
    "Have a look at the clip and name all of the scenes with more birds than one",
  ];
  const scrolling = (asked: readonly string[]): Event[] =>
    asked.map((request, index) => ({
      tool: "browser",
      args: { request },
      result: `page ${String(index * 7)} of the player, shown at ${cities[index] ?? ""}`,
    }));

  test("a request in ever other words is held where vectors say so, whatever comes back", () => {
    const { callsUntil } = watch(stepsOf(scrolling(requests)), { sameness: () => 0.9 });
    expect(callsUntil("nudge", "semantic-loop")).toBeLessThanOrEqual(5);
    expect(callsUntil("pause", "semantic-loop")).toBeLessThanOrEqual(7);
  });

  /** What is told and commanded where similarities come after all calls, at once. */
  function comparedLate(events: readonly Event[]): { compared: number; found: string[]; verbs: string[] } {
    const monitor = createMonitor(createPolicy({ profile: "enforce" }));
    const answers: MonitorInput[] = [];
    const found: string[] = [];
    const verbs: string[] = [];
    let state = monitor.begin({ tenantId: "", runId: "run-1", agentName: "agent" });
    const take = (input: MonitorInput): void => {
      const next = monitor.next(state, input);
      ({ state } = next);
      for (const output of next.outputs) {
        if (output.type === "finding") found.push(output.finding.kind);
        if (output.type === "command") verbs.push(output.command.verb);
        if (output.type !== "comparison") continue;
        const { stepId, against } = output.comparison;
        const sameness = against.map(() => 0.9);
        answers.push({ type: "similarity", stepId, sameness, degraded: false, atMs: 1 });
      }
    };
    take({ type: "run-start", goal: "Find the birds", limits: {}, hasGate: true, atMs: 1 });
    for (const step of stepsOf(events)) take({ type: "step", step });
    for (const answer of answers) take(answer);
    return { compared: answers.length, found, verbs };
  }

  test("similarities that come when another tool has brought something convict nobody", () => {
    const moved = { tool: "read_notes", args: { page: 7 }, result: "The birds are there at 3:07 and 9:41." };
    const { compared, found } = comparedLate([...scrolling(requests), moved]);
    expect(compared).toBeGreaterThan(3);
    expect(found).toEqual([]);
  });

  test("similarities that come late, and many at once, nudge before they pause", () => {
    const { compared, verbs } = comparedLate(scrolling(requests));
    expect(compared).toBeGreaterThan(4);
    expect(verbs).toEqual(["nudge"]);
  });

  /** What is commanded after each of the calls, where the nudge is given at `givenAtMs` and its ack comes before all later calls. */
  function verbsByCall(events: readonly Event[], givenAtMs: (steps: readonly Step[]) => number): string[][] {
    const monitor = createMonitor(createPolicy({ profile: "enforce" }));
    let state = monitor.begin({ tenantId: "", runId: "run-1", agentName: "agent" });
    const steps = stepsOf(events);
    const take = (input: MonitorInput): string[] => {
      const next = monitor.next(state, input);
      ({ state } = next);
      return next.outputs.flatMap((output) => {
        if (output.type === "comparison") {
          const { stepId, against } = output.comparison;
          const sameness = against.map(() => 0.9);
          return take({ type: "similarity", stepId, sameness, degraded: false, atMs: 1 });
        }
        if (output.type !== "command") return [];
        const { command } = output;
        if (command.verb === "nudge")
          take({ type: "ack", ack: { ...promptAckOf(command), atMs: givenAtMs(steps) } });
        return [command.verb];
      });
    };
    take({ type: "run-start", goal: "Find the birds", limits: {}, hasGate: true, atMs: 1 });
    return steps.map((step) => take({ type: "step", step }));
  }

  test("requests from before the nudge was given, but heard of after its ack, say nothing about it", () => {
    const calls = scrolling(requests);
    const endOf = (step: Step | undefined): number => step?.endMs ?? 0;
    expect(verbsByCall(calls, (steps) => endOf(steps.at(3)) + 1).flat()).toEqual(["nudge", "pause"]);
    const late = verbsByCall(calls, (steps) => endOf(steps.at(-2)) + 1);
    expect(late.slice(0, -1).flat()).toEqual(["nudge"]);
  });

  test("similarity alone convicts nobody: other entities are other items", () => {
    const items = requests.map((request, index) => `${request} in film ${String(100 + index)}.mp4`);
    expect(watch(stepsOf(scrolling(items)), { sameness: () => 1 }).strongest("semantic-loop")).toBeNull();
  });

  test("requests that nobody compared, or that say different things, are left alone", () => {
    expect(watch(stepsOf(scrolling(requests))).strongest("semantic-loop")).toBeNull();
    expect(
      watch(stepsOf(scrolling(requests)), { sameness: () => 0.3 }).strongest("semantic-loop"),
    ).toBeNull();
  });

  test("a template that is filled in is a batch, however alike its calls are", () => {
    const filled = cities.map((city) => ({
      tool: "search",
      args: { q: `cheap hotels near ${city}` },
      result: [],
    }));
    expect(watch(stepsOf(filled), { sameness: () => 0.95 }).strongest("semantic-loop")).toBeNull();
  });

  test("an answer that comes twice, or for a step that is gone, changes nothing", () => {
    const steps = stepsOf(scrolling(requests));
    const once = watch(steps, { sameness: () => 0.9 });
    const late = { type: "similarity", stepId: "unknown", sameness: [1], degraded: false, atMs: 1 } as const;
    const again = { ...late, stepId: steps[4]?.stepId ?? "", sameness: [0] };
    expect(watch([...steps, late, again], { sameness: () => 0.9 }).state).toEqual(once.state);
  });
});

describe("messages without a call", () => {
  const plans = [
    "I should first think about how to structure the minutes.",
    "Let me think about the structure of the minutes first.",
    "Before I write, I need to think about how the minutes are structured.",
    "First I have to think about a structure for the minutes.",
    "The structure of the minutes has to be thought about first.",
    "I need to think about how to structure these minutes before I write.",
  ];
  const planning = times(12, (index) => ({ say: plans[index % plans.length] ?? "" }));

  test("that say one thing in ever other words are told, and held when they go on", () => {
    const watched = watch(stepsOf(planning), { goal: "Write the minutes" });
    expect(watched.commands.map(({ verb }) => verb)).toEqual(["nudge", "pause"]);
    expect(watched.findings[0]).toMatchObject({ kind: "semantic-loop", atSequence: 6 });
    expect(watched.commands[0]).toMatchObject({
      text: expect.stringContaining("said the same thing 6 times"),
    });
  });

  test("in parts of a text, to a person who goes on asking, or between calls are left alone", () => {
    const chapters = [
      "Anna opened",
      "Bert was late",
      "Costs rose by a tenth",
      "Dora objects",
      "Egon leaves",
      "The next meeting is in May",
      "Fritz wrote this down",
    ];
    const text = chapters.map((part, index) => ({
      say: `${part}, so item ${String(index + 1)} was closed.`,
    }));
    expect(watch(stepsOf(text)).findings).toEqual([]);
    const questions = [
      "Who took part on Monday?",
      "Which budget did they agree upon?",
      "Was the lease of the workshop renewed?",
      "Did Hugo report on the Norwegian customers?",
      "What became of the broken lathe?",
      "Is the apprentice staying through winter?",
      "Where shall we store the timber?",
    ];
    const talk = questions.flatMap((user, index) => [{ user }, { say: plans[index % plans.length] ?? "" }]);
    expect(watch(stepsOf(talk)).strongest("semantic-loop")).toBeNull();
    const work = planning.flatMap((said, index) => [
      said,
      {
        tool: "read",
        args: { page: index },
        result: `page ${String(index * 31)} on ${chapters[index % 7] ?? ""}`,
      },
    ]);
    expect(watch(stepsOf(work)).strongest("semantic-loop")).toBeNull();
  });
});
