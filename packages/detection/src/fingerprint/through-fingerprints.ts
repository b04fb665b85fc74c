import { goalFingerprintSchema, type Step, stepFingerprintSchema } from "@plumbline/contracts";
import type { Monitor, MonitorInput } from "../monitor.ts";
import { keyedHash, type KeyedHash } from "./keyed-hash.ts";
import { fingerprintOfGoal, fingerprintOfStep } from "./step-fingerprint.ts";

/** A step as it arrives from an agent that sends no contents. */
function withoutContent(step: Step, keyed: KeyedHash): Step {
  const fingerprint = stepFingerprintSchema.parse(JSON.parse(JSON.stringify(fingerprintOfStep(step, keyed))));
  const { outcome, model, tool } = step;
  return {
    ...step,
    fingerprint,
    outcome: { class: outcome.class, evidence: null, errorType: null, message: null },
    model: model === null ? null : { ...model, newInputMessages: [], output: [] },
    tool: tool === null ? null : { ...tool, arguments: "", result: null },
  };
}

function sent(input: MonitorInput, keyed: KeyedHash): MonitorInput {
  if (input.type === "run-start") {
    const fingerprint = JSON.parse(JSON.stringify(fingerprintOfGoal(input.goal, keyed))) as unknown;
    return { ...input, goal: "", goalFingerprint: goalFingerprintSchema.parse(fingerprint) };
  }
  const isEnded = input.type === "step" && input.step.state === "ended" && !input.step.retracted;
  return isEnded ? { ...input, step: withoutContent(input.step, keyed) } : input;
}

/** A monitor that is told only what an agent sends with `content: "fingerprints"`: for measuring what that costs. */
export function throughFingerprints<State>(monitor: Monitor<State>, key: string): Monitor<State> {
  const keyed = keyedHash(key);
  return { ...monitor, next: (state, input) => monitor.next(state, sent(input, keyed)) };
}
