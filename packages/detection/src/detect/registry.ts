import type { FindingKind } from "@plumbline/contracts";
import { budget } from "./budget/budget.ts";
import type { Detector, RunView, Suspicion } from "./detector.ts";
import { exactLoop } from "./exact-loop/exact-loop.ts";
import { hiddenFailure } from "./hidden-failure/hidden-failure.ts";
import { semanticLoop } from "./semantic-loop/semantic-loop.ts";
import { stall } from "./stall/stall.ts";

/** A detector with its configuration applied. */
export interface ReadyDetector {
  kind: FindingKind;
  version: string;
  inspect(view: RunView): Suspicion | null;
}

/** Figures that replace a detector's defaults, by name. */
export type DetectorThresholds = Readonly<Record<string, number>>;

function ready<Config extends object>(detector: Detector<Config>) {
  return (thresholds: DetectorThresholds): ReadyDetector => {
    const config = { ...detector.defaults, ...thresholds };
    return {
      kind: detector.kind,
      version: detector.version,
      inspect: (view) => detector.inspect(view, config),
    };
  };
}

const registry: Partial<Record<FindingKind, (thresholds: DetectorThresholds) => ReadyDetector>> = {
  budget: ready(budget),
  "exact-loop": ready(exactLoop),
  "semantic-loop": ready(semanticLoop),
  "hidden-failure": ready(hiddenFailure),
  stall: ready(stall),
};

/** The detectors that are switched on, in the order in which their findings are decided. */
export function createDetectors(
  settings: (kind: FindingKind) => { enabled: boolean; thresholds: DetectorThresholds },
): ReadyDetector[] {
  return (Object.keys(registry) as FindingKind[]).flatMap((kind) => {
    const { enabled, thresholds } = settings(kind);
    const create = registry[kind];
    return enabled && create !== undefined ? [create(thresholds)] : [];
  });
}
