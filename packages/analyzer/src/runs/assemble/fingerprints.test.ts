import { type Observation, stepSchema } from "@plumbline/contracts";
import { toolStep } from "@plumbline/contracts/testing";
import { fingerprintOfStep, keyedHash } from "@plumbline/detection";
import { expect, test } from "vitest";
import { assemble } from "./fixtures/assemble.ts";
import { toolSpan } from "./fixtures/observations.ts";

const call = { name: "find", arguments: { q: "x" }, result: "Error: no such table" };
const failed = {
  ...toolStep(1, call),
  outcome: { class: "hidden-error" as const, evidence: null, errorType: null, message: null },
};
const sent = fingerprintOfStep(failed, keyedHash("a key of the tenant"));
if (sent.kind !== "tool") throw new Error("a tool call");

/** As the agent tells it and as its span does: neither with contents. */
const event = (second: number): Observation => {
  const told = toolSpan(second, { name: "find", id: `c${String(second)}` }, { fingerprint: sent });
  const { observationId, source } = told;
  return {
    ...told,
    observationId: `${observationId}.e`,
    source: { ...source, topic: "otlp_logs" },
    dialect: "plumbline",
  };
};
const span = (second: number): Observation => toolSpan(second, { name: "find", id: `c${String(second)}` });

test.each([
  ["before its span", [event(1), span(1)]],
  ["after its span", [span(1), event(1)]],
])("a fingerprint that comes %s makes the outcome and goes on with the step", (_when, observations) => {
  const [step] = assemble(observations).steps;
  expect(stepSchema.parse(step)).toMatchObject({
    fingerprint: sent,
    outcome: { class: "hidden-error", message: null },
  });
  expect(step?.tool).toMatchObject({ arguments: "", result: null });
});

test("what is kept of a run that sends fingerprints stays as small as that of any other", () => {
  const seconds = Array.from({ length: 60 }, (_, index) => index + 1);
  const { steps, stateBytes } = assemble(seconds.flatMap((second) => [event(second), span(second)]));
  const plain = assemble(
    seconds.map((second) =>
      toolSpan(second, { name: "find", arguments: "x".repeat(1000), result: "y".repeat(1000) }),
    ),
  );
  expect(steps).toHaveLength(60);
  expect(stateBytes).toBeLessThan(1.2 * plain.stateBytes);
});
