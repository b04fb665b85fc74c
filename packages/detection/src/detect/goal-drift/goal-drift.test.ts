import { type Message, textOf } from "@plumbline/contracts";
import { modelStep } from "@plumbline/contracts/testing";
import { describe, expect, test } from "vitest";
import { featuresOf } from "../../features/features-of.ts";
import { type Event, stepsOf, times, watch } from "../../fixtures/scenarios.ts";

const goal =
  "Compare the leave policies of our Berlin and Lisbon offices and write a summary for the works council";
/** A reply as a stream tells it: a message for every seven characters. */
function inPieces(output: readonly Message[]): Message[] {
  const text = output.map(textOf).join("");
  return (text.match(/.{1,7}/gs) ?? []).map((content) => ({
    role: "assistant",
    parts: [{ type: "text", content }],
  }));
}

const topics = [
  "annual leave",
  "parental leave",
  "sick leave",
  "unpaid leave",
  "public holidays",
  "carry over of leave",
];
const onGoal: Event[] = times(14, (index) => ({
  tool: "read_policy",
  args: { office: index % 2 === 0 ? "Berlin" : "Lisbon", topic: topics[index % topics.length] },
  result: `The ${index % 2 === 0 ? "Berlin" : "Lisbon"} office grants ${String(20 + index)} days of ${topics[index % topics.length] ?? ""}; the works council agreed.`,
}));
const gardens = [
  "tomato seedlings need calcium",
  "prune roses before spring",
  "compost heaps want oxygen",
  "slugs avoid copper edging",
  "basil wilts below freezing",
  "peonies dislike transplanting",
  "mulch keeps moisture",
  "lavender prefers gravel",
  "garlic cloves planted autumn",
  "raspberry canes tied vertically",
];
const offGoal: Event[] = gardens.map((text, index) => ({
  tool: "browse",
  args: { query: `${text} advice for hobby gardeners`, section: `garden ${text.split(" ")[0] ?? ""}` },
  result: `Gardening column number ${String(index)}: ${text}, says an expert on soil, weeds and watering cans.`,
}));

describe("goal drift", () => {
  test("steps that speak neither of the goal nor of what the run knew are nudged", () => {
    const { strongest, commands } = watch(stepsOf([...onGoal, ...offGoal]), { goal });
    expect(strongest("goal-drift")).toBe("nudge");
    expect(commands.map((command) => command.verb)).toEqual(["nudge"]);
  });

  test("steady work on the goal is none", () => {
    expect(
      watch(stepsOf([...onGoal, ...onGoal.slice(0, 4).map((event) => ({ ...event, tool: "summarise" }))]), {
        goal,
      }).strongest("goal-drift"),
    ).toBeNull();
  });

  test("a person who asks for something else moves the goal", () => {
    const asked: Event = {
      user: `Please look at gardening instead: ${gardens.join(", ")}, advice for hobby gardeners, in the garden section.`,
    };
    expect(watch(stepsOf([...onGoal, asked, ...offGoal]), { goal }).strongest("goal-drift")).toBeNull();
  });

  test("it never pauses a run", () => {
    expect(
      watch(stepsOf([...onGoal, ...offGoal, ...offGoal]), { goal }).commands.some(
        (command) => command.verb === "pause" && command.issuedBy.includes("drift"),
      ),
    ).toBe(false);
  });

  test("a streamed reply whose words arrive cut in two is none", () => {
    const spoken = onGoal.map((_, index) => ({
      say: `Reading what the ${index % 2 === 0 ? "Berlin" : "Lisbon"} office grants as ${topics[index % topics.length] ?? ""} for the summary`,
    }));
    const steps = stepsOf(onGoal.flatMap((event, index) => [spoken[index] ?? event, event])).map((step) =>
      step.model === null ? step : { ...step, model: { ...step.model, output: inPieces(step.model.output) } },
    );
    expect(watch(steps, { goal }).strongest("goal-drift")).toBeNull();
    expect(featuresOf(steps[0] ?? modelStep(1, ""), 0)).toEqual(
      featuresOf(stepsOf(spoken)[0] ?? modelStep(1, ""), 0),
    );
  });
});
