import { breakerErrorType, type Step } from "@plumbline/contracts";
import { hash32 } from "../features/hash.ts";
import type { ToolFeatures } from "../features/step-features.ts";
import { isFailed } from "./gain.ts";
import type { ToolMark } from "./run-state.ts";
import { asToldBefore } from "./told-before.ts";

const unknownFailure = hash32(breakerErrorType, 0);

/** A call that was answered for a tool because it keeps failing: its last failure goes on, and nothing else is told. */
function asLastFailure(tools: readonly ToolMark[], features: ToolFeatures, name: number): ToolFeatures {
  const last = tools.findLast((mark) => mark.name === name && isFailed(mark));
  const { result, failure } = last ?? { result: unknownFailure, failure: unknownFailure };
  return {
    ...features,
    result,
    failure: failure === 0 ? unknownFailure : failure,
    content: [],
    misuse: null,
  };
}

/**
 * Features of a call as they are to be read after the calls before it: a result that only words an earlier one anew is
 * that one, and what a circuit breaker of ours answered is the failure that opened it.
 * @param name index of the tool's name
 */
export function asKnown(
  tools: readonly ToolMark[],
  { step, features }: { step: Step; features: ToolFeatures },
  name: number,
): ToolFeatures {
  const isAnsweredFor = isFailed(features) && step.outcome.errorType === breakerErrorType;
  return isAnsweredFor ? asLastFailure(tools, features, name) : asToldBefore(tools, features, name);
}
