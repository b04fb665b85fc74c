import type { FindingKind } from "@plumbline/contracts";
import { budget } from "./budget/budget.ts";
import type { Detector, RunView, Suspicion } from "./detector.ts";
import { contextGrowth } from "./context-growth/context-growth.ts";
import { noProgress } from "./no-progress/no-progress.ts";
import { retryStorm } from "./retry-storm/retry-storm.ts";
import { exactLoop } from "./exact-loop/exact-loop.ts";
import { goalDrift } from "./goal-drift/goal-drift.ts";
import { invalidCall } from "./invalid-call/invalid-call.ts";
import { hiddenFailure } from "./hidden-failure/hidden-failure.ts";
import { semanticLoop } from "./semantic-loop/semantic-loop.ts";
import { stall } from "./stall/stall.ts";
import { strandsOf } from "./strands.ts";

/** A detector with its configuration applied. */
export interface ReadyDetector {
  kind: FindingKind;
  version: string;
  inspect(view: RunView): Suspicion | null;
  /** Until when the passing of time alone changes nothing about what `inspect` says; `Infinity` for ever. */
  sameUntilMs(view: RunView): number;
}

function inspectStrands<Config>(detector: Detector<Config>, view: RunView, config: Config): Suspicion | null {
  if (detector.configWithout === undefined) return detector.inspect(view, config);
  for (const { view: strand, without } of strandsOf(view)) {
    const suspicion = detector.inspect(strand, detector.configWithout(config, without));
    if (suspicion !== null)
      return without === "likely-side-tools" ? { ...suspicion, isTentative: true } : suspicion;
  }
  return null;
}

/** Figures that replace a detector's defaults, by name. */
export type DetectorThresholds = Readonly<Record<string, number>>;

function ready<Config extends object>(detector: Detector<Config>): MakeReady {
  const make = (thresholds: DetectorThresholds): ReadyDetector => {
    const config = { ...detector.defaults, ...thresholds };
    return {
      kind: detector.kind,
      version: detector.version,
      inspect: (view) => inspectStrands(detector, view, config),
      sameUntilMs: (view) => detector.sameUntilMs?.(view, config) ?? Number.POSITIVE_INFINITY,
    };
  };
  return Object.assign(make, { defaults: detector.defaults, version: detector.version });
}

type MakeReady = ((thresholds: DetectorThresholds) => ReadyDetector) & { defaults: object; version: string };

const registry: Record<FindingKind, MakeReady> = {
  budget: ready(budget),
  "exact-loop": ready(exactLoop),
  "semantic-loop": ready(semanticLoop),
  "hidden-failure": ready(hiddenFailure),
  "retry-storm": ready(retryStorm),
  "no-progress": ready(noProgress),
  stall: ready(stall),
  "goal-drift": ready(goalDrift),
  "invalid-call": ready(invalidCall),
  "context-growth": ready(contextGrowth),
};

/** The figures that a detector can be given, as they are when nobody gives any. */
export const defaultsOf = (kind: FindingKind): DetectorThresholds => ({ ...registry[kind].defaults });

/** Versions and defaults of all detectors. */
export const rulesOfDetectors = (): object[] =>
  Object.entries(registry).map(([kind, { version, defaults }]) => ({ kind, version, defaults }));

/** The detectors that are switched on, in the order in which their findings are decided. */
export function createDetectors(
  settings: (kind: FindingKind) => { enabled: boolean; thresholds: DetectorThresholds },
): ReadyDetector[] {
  return (Object.keys(registry) as FindingKind[]).flatMap((kind) => {
    const { enabled, thresholds } = settings(kind);
    return enabled ? [registry[kind](thresholds)] : [];
  });
}
