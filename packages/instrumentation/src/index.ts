export {
  BudgetExceededError,
  ApprovalDeniedError,
  ControlLostError,
  LoopDetectedError,
  NotDoneError,
  OutputInvalidError,
  RetryLimitError,
  RunKilledError,
  RunPausedError,
  RunStoppedError,
  RunTakenOverError,
  runStoppedIn,
} from "./errors.ts";
export type { StopDetails } from "./errors.ts";
export type { ApprovalSettings, Decider, DeciderAnswer } from "./approval/approval-settings.ts";
export type {
  CheckpointEntry,
  CheckpointStore,
  ListedRun,
  RunReference,
  StoredRun,
} from "./checkpoint/checkpoint-store.ts";
export type { ResumableRun } from "./checkpoint/run-journals.ts";
export { createSqliteCheckpointStore } from "./checkpoint/sqlite-checkpoint-store.ts";
export type { CheckpointOwner } from "./checkpoint/sqlite-checkpoint-store.ts";
export type { Change, RunHead, Transition } from "./checkpoint/transition.ts";
export type { InFlightAction, SettledAction } from "./run/in-flight.ts";
export type { Notifier } from "./notify/notifier.ts";
export { createWebhookNotifier } from "./notify/webhook-notifier.ts";
export type { WebhookNotifierOptions } from "./notify/webhook-notifier.ts";
export type { ActionDeclaration, ToolApproval } from "./tool/action-policy.ts";
export type { InstrumentationConfig } from "./config/config.ts";
export { instrumentOpenAI } from "./observe/openai/instrument-openai.ts";
export type { Redactor } from "./observe/redact/redact.ts";
export { createRedactor } from "./observe/redact/redact.ts";
export { PlumblineSpanProcessor } from "./adapters/otel/plumbline-span-processor.ts";
export type { PlumblineSpanProcessorOptions } from "./adapters/otel/plumbline-span-processor.ts";
export { currentToolCall } from "./tool/current-tool-call.ts";
export type { DeclaredTool, DeclaredTools } from "./tool/declared-tool.ts";
export { configurePlumbline, plumblineStatus, shutdown } from "./process-environment.ts";
export type { PlumblineStatus } from "./process-environment.ts";
export type {
  FittedPrompt,
  MemoryMessage,
  WorkingMemory,
  WorkingMemoryOptions,
} from "./memory/working-memory.ts";
export type { Answer, AnswerOptions, PlainMessage } from "./output/ask-for.ts";
export type { ParsedOutput } from "./output/parse-output.ts";
export type { QueuedRun } from "./run/announced-run.ts";
export type { DoneCheckResult, DoneVerdict, DoneWhen } from "./run/done-check.ts";
export type { Run } from "./run/run.ts";
export { IllegalPhaseError } from "./run/run-phases.ts";
export type { PhaseGraph } from "./run/run-phases.ts";
export { announceRun, resumableRuns, supervise } from "./supervise.ts";
export type { SuperviseOptions } from "./supervise.ts";
export type { OpenAIToolDefinition, ToolCallContext, ToolDefinition } from "./tool/tool.ts";
export type {
  ChatToolCall,
  ChatToolMessage,
  ResponsesToolCall,
  ResponsesToolOutput,
} from "./tool/tool-call.ts";
