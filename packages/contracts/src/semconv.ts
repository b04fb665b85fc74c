/** Attribute names of the OpenTelemetry GenAI conventions (development status; copied here so that a rename is one edit). */
export const genAi = {
  operationName: "gen_ai.operation.name",
  providerName: "gen_ai.provider.name",
  requestModel: "gen_ai.request.model",
  requestStream: "gen_ai.request.stream",
  responseModel: "gen_ai.response.model",
  responseId: "gen_ai.response.id",
  responseFinishReasons: "gen_ai.response.finish_reasons",
  timeToFirstChunk: "gen_ai.response.time_to_first_chunk",
  previousResponseId: "gen_ai.request.previous_response.id",
  conversationId: "gen_ai.conversation.id",
  agentName: "gen_ai.agent.name",
  inputMessages: "gen_ai.input.messages",
  outputMessages: "gen_ai.output.messages",
  systemInstructions: "gen_ai.system_instructions",
  toolDefinitions: "gen_ai.tool.definitions",
  toolName: "gen_ai.tool.name",
  toolType: "gen_ai.tool.type",
  toolDescription: "gen_ai.tool.description",
  toolCallId: "gen_ai.tool.call.id",
  toolCallArguments: "gen_ai.tool.call.arguments",
  toolCallResult: "gen_ai.tool.call.result",
  usageInputTokens: "gen_ai.usage.input_tokens",
  usageOutputTokens: "gen_ai.usage.output_tokens",
  usageCachedInputTokens: "gen_ai.usage.cache_read.input_tokens",
  usageReasoningOutputTokens: "gen_ai.usage.reasoning.output_tokens",
} as const;

export const otel = {
  errorType: "error.type",
  serviceName: "service.name",
  serviceInstanceId: "service.instance.id",
  serverAddress: "server.address",
  serverPort: "server.port",
} as const;

/** Attribute names for what no convention covers. */
export const plumblineAttribute = {
  runId: "plumbline.run.id",
  parentRunId: "plumbline.run.parent.id",
  goal: "plumbline.run.goal",
  stopReason: "plumbline.run.stop_reason",
  runStatus: "plumbline.run.status",
  runPhase: "plumbline.run.phase",
  stepId: "plumbline.step.id",
  findingId: "plumbline.finding.id",
  findingKind: "plumbline.finding.kind",
  findingConfidence: "plumbline.finding.confidence",
  findingSummary: "plumbline.finding.summary",
  gateVerdict: "plumbline.gate.verdict",
  toolAttempts: "plumbline.tool.attempts",
  toolFailureClass: "plumbline.tool.failure_class",
  toolUngroundedIds: "plumbline.tool.ungrounded_ids",
} as const;

/** Names of the log records an agent sends for what must not wait for the end of a span. */
export const eventName = {
  runStart: "plumbline.run.start",
  runEnd: "plumbline.run.end",
  runState: "plumbline.run.state",
  guardFinding: "plumbline.guard.finding",
  stepStart: "plumbline.step.start",
  stepEnd: "plumbline.step.end",
  heartbeat: "plumbline.heartbeat",
  checkpoint: "plumbline.checkpoint",
  approvalRequest: "plumbline.approval.request",
  ack: "plumbline.ack",
  audit: "plumbline.audit",
} as const;

/** Scope of the spans and events that the analyzer writes back; ingest drops them on re-entry. */
export const findingScopeName = "plumbline.findings";
/** Scope of what the agent-side instrumentation emits. */
export const instrumentationScopeName = "@plumbline/instrumentation";
