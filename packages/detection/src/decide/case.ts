import type { RunView, Suspicion } from "../detect/detector.ts";
import type { DetectorRule, Policy } from "./policy.ts";

/** One suspicion to decide on, with the rules that hold for it. */
export interface Case {
  policy: Policy;
  rule: DetectorRule;
  view: RunView;
  suspicion: Suspicion;
  version: string;
}
