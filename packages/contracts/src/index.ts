export {
  accessRoles,
  accessTokenSchema,
  findCaller,
  hasRole,
  isLocalRequest,
  isLoopbackAddress,
  isLoopbackHost,
} from "./access.ts";
export type { AccessRole, AccessToken, Caller, RequestOrigin } from "./access.ts";
export { ackPhases, ackSchema } from "./ack.ts";
export type { Ack } from "./ack.ts";
export {
  agentEventSchema,
  decodeAgentEvent,
  encodeAgentEvent,
  eventPayloadAttribute,
  isAgentEventName,
} from "./agent-event.ts";
export type { AgentEvent, AgentEventOf } from "./agent-event.ts";
export { approvalRequestSchema, approvalSchema, approvalStatuses } from "./approval.ts";
export type { Approval, ApprovalContext, ApprovalRequest } from "./approval.ts";
export {
  appendAudit,
  auditHeadHash,
  auditHeadSchema,
  auditOutcomes,
  auditRecordFaults,
  auditRecordSchema,
} from "./audit.ts";
export type {
  AuditChainEnd,
  AuditCompliance,
  AuditHead,
  AuditLink,
  AuditRecord,
  AuditTechnical,
  SignedAuditHead,
  StoredCompliance,
  StoredTechnical,
} from "./audit.ts";
export {
  auditHeadsSchema,
  auditPartNames,
  auditPath,
  auditRunIdsSchema,
  auditTipsSchema,
  complianceRowsSchema,
  technicalRowsSchema,
} from "./audit-api.ts";
export type { AuditPartName, AuditTips } from "./audit-api.ts";
export { verifyAuditLedgers } from "./audit-ledger.ts";
export type { AttestedChain, AuditFinding } from "./audit-ledger.ts";
export { verifyAuditRun } from "./audit-verify.ts";
export { checkpointSchema } from "./checkpoint.ts";
export type { Checkpoint } from "./checkpoint.ts";
export { backgroundClock, systemClock, systemIds, systemRandom } from "./clock.ts";
export type { Clock, IdSource, Random } from "./clock.ts";
export { eventLoopTurn, hurry, type Urgency } from "./event-loop-turn.ts";
export { createObjectNotes, oncePerObject, type ObjectNotes } from "./object-notes.ts";
export { ackRecordSchema, commandSchema, controlRecordSchema } from "./command.ts";
export type { Command, CommandVerb, ControlRecord } from "./command.ts";
export {
  controlPath,
  pollRequestSchema,
  pollResponseSchema,
  streamEvent,
  streamRequestSchema,
  trustedKeysFileName,
  trustedKeysSchema,
} from "./control-protocol.ts";
export type { PollRequest, PollResponse, StreamRequest, TrustedKeys } from "./control-protocol.ts";
export {
  approvalDecisionSchema,
  desiredStates,
  directiveSchema,
  initialDirective,
  nudgeSchema,
  signedDirectiveSchema,
} from "./directive.ts";
export type { ApprovalDecision, DesiredState, Directive, Nudge, SignedDirective } from "./directive.ts";
export type { Embedder } from "./embedder.ts";
export {
  PlumblineError,
  RejectedError,
  RetryableError,
  SetupError,
  assertNever,
  isPlumblineError,
  messageOf,
} from "./errors.ts";
export type { ErrorDetails, NextMove } from "./errors.ts";
export {
  evidenceSchema,
  feedbackSchema,
  findingIdOf,
  guardFindingIdOf,
  findingKindSchema,
  findingKinds,
  findingSchema,
  interventionSchema,
  interventions,
  stopReasonOfFinding,
} from "./finding.ts";
export type { Evidence, Feedback, Finding, FindingEpisode, FindingKind, Intervention } from "./finding.ts";
export { judgeAnswerJsonSchema, judgeAnswerSchema, judgementRecordSchema } from "./judgement.ts";
export type { JudgeAnswer, JudgementRecord } from "./judgement.ts";
export { goalFingerprintSchema, stepFingerprintSchema } from "./fingerprint.ts";
export type { GoalFingerprint, ModelFingerprint, StepFingerprint, ToolFingerprint } from "./fingerprint.ts";
export { derivedId, idSchema, parseRunKey, runKey, tenantIdSchema, timeMsSchema } from "./identifiers.ts";
export type { CommandId, FindingId, RunId, StepId, TenantId } from "./identifiers.ts";
export { limitsSchema } from "./limits.ts";
export type { Limits } from "./limits.ts";
export {
  isTextPart,
  isToolCallPart,
  isToolCallResponsePart,
  messagePartSchema,
  messageSchema,
  noUsage,
  textOf,
  usageSchema,
} from "./message.ts";
export type { Message, MessagePart, TextPart, ToolCallPart, ToolCallResponsePart, Usage } from "./message.ts";
export {
  notificationIdOf,
  notificationKinds,
  notificationSchema,
  webhookBody,
  webhookHeader,
  webhookSchema,
  webhookSignature,
} from "./notification.ts";
export type { Notification, Webhook } from "./notification.ts";
export {
  observationRecordSchema,
  observationSchema,
  similarityRecordSchema,
  sourceCoordinatesSchema,
  timerSchema,
} from "./observation.ts";
export type {
  Observation,
  ObservationOf,
  ObservationRecord,
  SimilarityRecord,
  SourceCoordinates,
  Timer,
} from "./observation.ts";
export {
  apiErrorSchema,
  approvalAnswerSchema,
  approvalListSchema,
  changeHeader,
  commandAcceptedSchema,
  commandRequestSchema,
  feedbackRequestSchema,
  incidentSchema,
  operatorPath,
  operatorRoles,
  runDetailSchema,
  runListSchema,
  sqlRequestSchema,
  sqlResultSchema,
  systemStatusSchema,
  watchEventSchema,
} from "./operator-api.ts";
export type {
  ApiError,
  ApprovalAnswer,
  ApprovalList,
  CommandAccepted,
  CommandRequest,
  FeedbackRequest,
  Incident,
  OperatorRole,
  RunDetail,
  RunList,
  SqlRequest,
  SqlResult,
  SystemStatus,
  WatchEvent,
} from "./operator-api.ts";
export {
  breakerErrorType,
  outcomeClassSchema,
  outcomeClasses,
  outcomeSchema,
  reportedErrorSchema,
} from "./outcome.ts";
export type { Outcome, OutcomeClass, ReportedError } from "./outcome.ts";
export {
  gateStates,
  isTerminal,
  mayMove,
  runMoves,
  runStatusSchema,
  runStatuses,
  runSummarySchema,
  scoreSchema,
} from "./run.ts";
export type { RunStatus, RunSummary, Score } from "./run.ts";
export { identifyRun } from "./run-identity.ts";
export type { RunIdentity, RunIdentityFacts, RunIdentitySource } from "./run-identity.ts";
export {
  eventName,
  findingScopeName,
  genAi,
  instrumentationScopeName,
  otel,
  plumblineAttribute,
} from "./semconv.ts";
export { modelCallSchema, stepIdOf, stepSchema, toolCallSchema, toolTraitsSchema } from "./step.ts";
export type { ModelCall, Step, ToolCall, ToolTraits } from "./step.ts";
export { adviceFor, stopReasonSchema, stopReasons } from "./stop-reason.ts";
export type { StopReason, StopReasonAdvice } from "./stop-reason.ts";
export { aliasAffinityKey, isAliasAffinityKey, runOfAffinity, traceAffinityKey } from "./trace-affinity.ts";
export { derivedTopics, header, topic, topicSpecs } from "./topics.ts";
export type { DeadLetter, TopicName, TopicSpec } from "./topics.ts";
export type {
  AttributeValue,
  Attributes,
  OtlpLogRecord,
  OtlpOrigin,
  OtlpSpan,
  OtlpSpanEvent,
  OtlpSpanLink,
  OtlpStatus,
} from "./otlp.ts";
export { portError } from "./port-error.ts";
