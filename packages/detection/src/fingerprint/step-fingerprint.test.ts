import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stepFingerprintSchema } from "@plumbline/contracts";
import { modelStep, toolStep } from "@plumbline/contracts/testing";
import { featuresOf } from "../features/features-of.ts";
import { type Event, stepsOf, times, watch } from "../fixtures/scenarios.ts";
import { honestWork, loops } from "../fixtures/shapes.ts";
import { createMonitor } from "../create-monitor.ts";
import { createPolicy } from "../decide/policy.ts";
import { keyedHash } from "./keyed-hash.ts";
import { fingerprintOfGoal, fingerprintOfStep, sentFeatures } from "./step-fingerprint.ts";
import { throughFingerprints } from "./through-fingerprints.ts";

const keyed = keyedHash("a key of the tenant");
const loopKinds = new Set(["exact-loop", "semantic-loop", "no-progress", "retry-storm"]);

/** Words that stand in no schema: long enough not to turn up in Base64 by chance. */
const secret = fc.stringMatching(/^[a-z]{9,14}$/).map((word) => `${word}qzx`);
const secrets = fc.array(secret, { minLength: 1, maxLength: 8 });
const number = fc.integer({ min: 10_000_000, max: 99_999_999 });

/** Loop findings on steps whose contents stayed where they were. */
function strongestThroughFingerprints(shape: {
  goal: string;
  events: readonly Event[];
  everyMs?: number;
}): string[] {
  const monitor = throughFingerprints(createMonitor(createPolicy({ profile: "enforce" })), "key");
  const steps = stepsOf(shape.events, shape.everyMs);
  const begun = monitor.begin({ tenantId: "", runId: "run-1", agentName: "agent" });
  const start = { type: "run-start", goal: shape.goal, limits: {}, hasGate: true, atMs: 0 } as const;
  let { state } = monitor.next(begun, start);
  return steps.flatMap((step) => {
    const change = monitor.next(state, { type: "step", step });
    ({ state } = change);
    return change.outputs.flatMap((output) =>
      output.type === "finding" && loopKinds.has(output.finding.kind) ? [output.finding.intervention] : [],
    );
  });
}

describe("a fingerprint", () => {
  test("holds no word and no number of a call, its result or its error", () => {
    fc.assert(
      fc.property(secrets, number, (words, amount) => {
        const text = `${words.join(" ")} ${String(amount)}`;
        const call = {
          name: "pay",
          arguments: { [words[0] ?? ""]: text, n: amount },
          result: { note: text, amount },
        };
        const step = {
          ...toolStep(1, call),
          outcome: { class: "error" as const, evidence: text, errorType: text, message: text },
        };
        const sent = JSON.stringify([fingerprintOfStep(step, keyed), fingerprintOfGoal(text, keyed)]);
        for (const word of [...words, String(amount)]) expect(sent).not.toContain(word);
      }),
    );
  });

  test("holds no word of what a model said or was told", () => {
    fc.assert(
      fc.property(secrets, secrets, (said, told) => {
        const step = modelStep(1, `I have ${said.join(" ")}.`);
        const newInputMessages = [
          { role: "user", parts: [{ type: "text" as const, content: told.join(" ") }] },
        ];
        const heard = { ...step, model: step.model === null ? null : { ...step.model, newInputMessages } };
        const sent = JSON.stringify(fingerprintOfStep(heard, keyed));
        for (const word of [...said, ...told]) expect(sent).not.toContain(word);
      }),
    );
  });

  test("fits its schema and its bound, whatever the content", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 20_000, unit: "grapheme" }), fc.jsonValue(), (result, args) => {
        const sent = fingerprintOfStep(toolStep(1, { name: "t", arguments: args, result }), keyed);
        expect(stepFingerprintSchema.parse(JSON.parse(JSON.stringify(sent)))).toEqual(sent);
        expect(JSON.stringify(sent).length).toBeLessThan(8192);
      }),
      { numRuns: 50 },
    );
  });

  test("gives the same features back, keyed; other keys give others", () => {
    const step = toolStep(1, {
      name: "search",
      arguments: { q: "chat logs 1042" },
      result: "three rows of REF-10422",
    });
    const [own, sent] = [featuresOf(step, 0), sentFeatures(fingerprintOfStep(step, keyed))];
    if (own.kind !== "tool" || sent.kind !== "tool") throw new Error("a tool call");
    expect(sent.content).toEqual(own.content.map(keyed));
    expect(sent.ids).toEqual(own.ids.map((ids) => ids.map(keyed)));
    expect(fingerprintOfStep(step, keyedHash("another"))).not.toEqual(fingerprintOfStep(step, keyed));
    expect(fingerprintOfStep(step, keyedHash("a key of the tenant"))).toEqual(fingerprintOfStep(step, keyed));
  });

  test("that an agent made up is refused", () => {
    const sent = fingerprintOfStep(toolStep(1, { name: "t", arguments: {}, result: "x" }), keyed);
    for (const wrong of [
      { content: "not base64!" },
      { words: "AAAA" },
      { tool: -1 },
      { content: "A".repeat(400) },
    ])
      expect(stepFingerprintSchema.safeParse({ ...sent, ...wrong }).success).toBe(false);
  });
});

describe("the same detectors on fingerprints", () => {
  test.each(Object.entries(loops))("hold %s", (_name, shape) => {
    expect(strongestThroughFingerprints(shape)).toContain("pause");
  });

  test.each(Object.entries(honestWork))("leave %s alone", (_name, shape) => {
    const strongest = strongestThroughFingerprints(shape);
    expect(strongest.filter((intervention) => intervention !== "observe")).toEqual([]);
  });

  test("decide as they do on contents", () => {
    const events = times(8, (): Event => ({ tool: "search", args: { q: "x" }, result: [] }));
    const seen = watch(stepsOf(events)).findings.filter(({ kind }) => loopKinds.has(kind));
    expect(strongestThroughFingerprints({ goal: "Do the task", events })).toEqual(
      seen.map(({ intervention }) => intervention),
    );
  });
});
