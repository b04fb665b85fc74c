export { createMonitor } from "./create-monitor.ts";
export type { RunState } from "./create-monitor.ts";
export { keyedHash, type KeyedHash } from "./fingerprint/keyed-hash.ts";
export { fingerprintOfGoal, fingerprintOfStep } from "./fingerprint/step-fingerprint.ts";
export { throughFingerprints } from "./fingerprint/through-fingerprints.ts";
export { policyProblems } from "./decide/policy-problems.ts";
export { createPolicy, policySchema, profiles, ruleFor } from "./decide/policy.ts";
export type { DetectorPolicy, DetectorRule, Policy, PolicyInput, Profile } from "./decide/policy.ts";
export type {
  Comparison,
  Monitor,
  MonitorIdentity,
  MonitorInput,
  MonitorOutput,
  MonitorProgress,
  Similarity,
} from "./monitor.ts";
export {
  calibrationSchema,
  lexicalCalibration,
  miniLmCalibration,
  samenessOf,
} from "./similarity/calibration.ts";
export type { Calibration } from "./similarity/calibration.ts";
export { calibrate } from "./similarity/calibrate.ts";
export type { CalibrationReport, NeighbourPair } from "./similarity/calibrate.ts";
export { maskVolatile } from "./mask/mask-volatile.ts";
export { comparableText, pairFactsOf } from "./similarity/pair-facts.ts";
export type { ComparableText, PairFacts } from "./similarity/pair-facts.ts";
export { requestOfStep } from "./similarity/request-of-step.ts";
export { classifyOutcome } from "./outcome/classify-outcome.ts";
export type { OutcomeFacts } from "./outcome/classify-outcome.ts";
export { groundsOf, idsMentionedIn, recordIdsOf } from "./features/record-ids.ts";
export { evaluateRun, evaluateRunComparing } from "./evaluate/evaluate-run.ts";
export type { CompareTexts, EvaluatedFinding, RunEvaluation } from "./evaluate/evaluate-run.ts";
export { locateMistake } from "./evaluate/locate-mistake.ts";
export type { LocatedMistake } from "./evaluate/locate-mistake.ts";
export type { Proportion } from "./evaluate/proportion.ts";
export { promptAckOf } from "./evaluate/prompt-ack.ts";
export { outcomesOfRecord } from "./evaluate/record-outcomes.ts";
export type { RecordedOutcome } from "./evaluate/record-outcomes.ts";
export { stepsOfRecord } from "./evaluate/record-steps.ts";
export type { RecordedStep } from "./evaluate/record-steps.ts";
export { parseLoopVerdict, parseRunRecord } from "./evaluate/run-record.ts";
export type { LoopVerdict, RunRecord, RunRecordStep } from "./evaluate/run-record.ts";
export { scoredRunOf } from "./evaluate/score-loops.ts";
export type { LoopScore, ScoredRun } from "./evaluate/score-loops.ts";
export { parsePeerRow, scorePeers } from "./evaluate/score-peers.ts";
export type { PeerRow, PeerScore } from "./evaluate/score-peers.ts";
export { driftVerdictOf, scoreDrift } from "./evaluate/score-drift.ts";
export type { DriftScore, DriftSummary, DriftVerdict } from "./evaluate/score-drift.ts";
export { spliceRuns } from "./evaluate/splice-runs.ts";
export type { SpliceKind, SplicedRun, SpliceOptions } from "./evaluate/splice-runs.ts";
export { driftWeights } from "./detect/goal-drift/config.ts";
export { type DriftFacts, driftFactsOf } from "./detect/goal-drift/drift-facts.ts";
export { summariseEvaluation } from "./evaluate/summarise.ts";
export type { DetectorScore, EvaluationSummary } from "./evaluate/summarise.ts";
