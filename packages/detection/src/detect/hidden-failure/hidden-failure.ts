import { fullStepId } from "../../track/step-ids.ts";
import { packedItems } from "../../features/pack.ts";
import { has, type ModelMark, type ToolMark } from "../../track/run-state.ts";
import { type Detector, nameOf, type RunView, suspectOf, type Suspicion } from "../detector.ts";
import { type HiddenFailureConfig, hiddenFailureDefaults } from "./config.ts";

const isFailure = (mark: ToolMark): boolean => mark.outcome === "error" || mark.outcome === "hidden-error";

/** A result that says it failed under a span that says it succeeded. */
function hiddenError(view: RunView, mark: ToolMark): Suspicion | null {
  if (mark.outcome !== "hidden-error") return null;
  const name = nameOf(view, mark);
  return {
    kind: "hidden-failure",
    signature: `${String(mark.name)}.${String(mark.failure === 0 ? mark.result : mark.failure)}`,
    confidence: 0.95,
    // An agent reads a plain error text itself; an envelope under a success is what gets overlooked.
    urgency: has(mark, "lies") ? "warn" : "note",
    summary: `${name} was reported as a success, but its result says that it failed.`,
    ruledOut: "",
    evidence: [suspectOf(view, mark)],
    facts: { names: [name], count: 1 },
  };
}

/** The failed action that a claim speaks of, unless the same tool worked afterwards. */
function contradictedAction(view: RunView, claim: ModelMark, config: HiddenFailureConfig): ToolMark | null {
  const recent = view.tools.slice(-config.claimWindow).filter((mark) => mark.sequence < claim.sequence);
  const claimed = new Set(packedItems(claim.claims));
  for (const mark of recent.toReversed()) {
    const repaired = recent.some(
      (later) => later.sequence > mark.sequence && later.name === mark.name && !isFailure(later),
    );
    const nameWords = view.state.names[mark.name]?.words ?? "";
    if (!isFailure(mark) || repaired || nameWords === "") continue;
    if (packedItems(nameWords).some((word) => claimed.has(word))) return mark;
  }
  return null;
}

/** Success claimed over a failed action. */
function falseClaim(view: RunView, claim: ModelMark, config: HiddenFailureConfig): Suspicion | null {
  if (claim.claims === "") return null;
  const mark = contradictedAction(view, claim, config);
  if (mark === null) return null;
  const name = nameOf(view, mark);
  const claimed = {
    stepId: fullStepId(view.state.traces, claim.id),
    sequence: claim.sequence,
    name: nameOf(view, claim),
    broughtNew: false,
  };
  return {
    kind: "hidden-failure",
    signature: `${String(mark.name)}.${String(mark.failure === 0 ? mark.result : mark.failure)}`,
    confidence: 0.9,
    urgency: "warn",
    summary: `The agent claims success for ${name}, whose last call failed.`,
    ruledOut: "no later call of the same tool succeeded",
    evidence: [suspectOf(view, mark), claimed],
    facts: { names: [name], count: 1 },
  };
}

/** Failures that the status of the span hides, and successes that were claimed over them. */
export const hiddenFailure: Detector<HiddenFailureConfig> = {
  kind: "hidden-failure",
  version: "1",
  defaults: hiddenFailureDefaults,
  inspect(view, config) {
    if (view.latest === null) return null;
    return view.latest.kind === "tool"
      ? hiddenError(view, view.latest.mark)
      : falseClaim(view, view.latest.mark, config);
  },
};
