export { AuditAdversary } from "./audit-adversary.ts";
export {
  auditChain,
  auditKey,
  auditParts,
  auditTables,
  signedAuditHead,
  signedAuditLedger,
} from "./audit-trail.ts";
export type { AuditKey, AuditTables } from "./audit-trail.ts";
export { createManualClock } from "./manual-clock.ts";
export type { ManualClock } from "./manual-clock.ts";
export { createSeededRandom, createSequentialIds } from "./deterministic.ts";
export { modelStep, toolStep } from "./step-builders.ts";
