import { fullStepId } from "../../track/step-ids.ts";
import { type Detector, nameOf } from "../detector.ts";
import { type ContextGrowthConfig, contextGrowthDefaults } from "./config.ts";

/** The prompt grows toward the window, so that early instructions are about to fall out. */
export const contextGrowth: Detector<ContextGrowthConfig> = {
  kind: "context-growth",
  version: "1",
  defaults: contextGrowthDefaults,
  inspect(view, config) {
    if (view.latest?.kind !== "model") return null;
    const last = view.latest.mark;
    if (last.inputTokens < config.minimumTokens) return null;
    const own = view.models.filter((mark) => mark.name === last.name && mark.inputTokens > 0);
    const first = own[0];
    if (first === undefined) return null;
    const isNearWindow = last.inputTokens >= config.share * config.assumedWindowTokens;
    const isGrowing = own.length >= 3 && last.inputTokens >= config.factor * first.inputTokens;
    if (!isNearWindow && !isGrowing) return null;
    return {
      kind: "context-growth",
      signature: isNearWindow ? "window" : "growth",
      confidence: isNearWindow ? 0.8 : 0.6,
      urgency: "note",
      summary: `The prompt of ${nameOf(view, last)} grew to ${String(last.inputTokens)} tokens, from ${String(first.inputTokens)} ${String(own.length - 1)} calls before.`,
      ruledOut: "",
      evidence: [first, last].map((mark) => ({
        stepId: fullStepId(view.state.traces, mark.id),
        sequence: mark.sequence,
        name: nameOf(view, mark),
        broughtNew: false,
      })),
      facts: { names: [nameOf(view, last)], count: own.length },
    };
  },
};
