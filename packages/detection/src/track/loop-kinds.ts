import type { FindingKind } from "@plumbline/contracts";

/** Kinds of repetition; several may see one pattern together, the one that says most about it comes first. */
export const loopKinds: readonly FindingKind[] = [
  "exact-loop",
  "retry-storm",
  "semantic-loop",
  "no-progress",
];

export const isLoopKind = (kind: FindingKind): boolean => loopKinds.includes(kind);
