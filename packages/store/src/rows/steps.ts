import type { ModelCall, Step, ToolCall, Usage } from "@plumbline/contracts";
import { RowEncoder } from "./row-encoder.ts";
import { RowReader } from "./row-reader.ts";
import type { TableMapping } from "./table-mapping.ts";

/** Stands in the model columns of a tool call. */
const noModelCall: ModelCall = {
  provider: "",
  requestModel: "",
  responseModel: null,
  usage: null,
  costMicroUsd: null,
  finishReasons: [],
  newInputMessages: [],
  inputMessageCount: 0,
  output: [],
};

/** Stands in the tool columns of a model call. */
const noToolCall: ToolCall = { callId: null, arguments: "", result: null, traits: {} };

function encodeUsage(row: RowEncoder, usage: Usage | null): void {
  row
    .nullableCount("InputTokens", usage === null ? null : usage.inputTokens)
    .nullableCount("OutputTokens", usage === null ? null : usage.outputTokens)
    .nullableCount("CachedInputTokens", usage === null ? null : usage.cachedInputTokens)
    .nullableCount("ReasoningOutputTokens", usage === null ? null : usage.reasoningOutputTokens)
    .flag("UsageEstimated", usage === null ? null : usage.estimated);
}

function encodeModelCall(row: RowEncoder, call: ModelCall): void {
  row
    .text("Provider", call.provider)
    .text("RequestModel", call.requestModel)
    .nullableText("ResponseModel", call.responseModel)
    .nullableReal("CostMicroUsd", call.costMicroUsd)
    .texts("FinishReasons", call.finishReasons)
    .json("NewInputMessages", call.newInputMessages)
    .count("InputMessageCount", call.inputMessageCount)
    .json("OutputMessages", call.output);
  encodeUsage(row, call.usage);
}

function encodeToolCall(row: RowEncoder, call: ToolCall): void {
  row
    .nullableText("ToolCallId", call.callId)
    .text("ToolArguments", call.arguments)
    .nullableText("ToolResult", call.result)
    .json("ToolTraits", call.traits);
}

function readUsage(row: RowReader): Usage | null {
  const inputTokens = row.nullableNumber("InputTokens");
  if (inputTokens === null) return null;
  return {
    inputTokens,
    outputTokens: row.nullableNumber("OutputTokens") ?? 0,
    cachedInputTokens: row.nullableNumber("CachedInputTokens") ?? 0,
    reasoningOutputTokens: row.nullableNumber("ReasoningOutputTokens") ?? 0,
    estimated: row.flag("UsageEstimated"),
  };
}

function readModelCall(row: RowReader): ModelCall | null {
  if (!row.flag("HasModelCall")) return null;
  return {
    provider: row.text("Provider"),
    requestModel: row.text("RequestModel"),
    responseModel: row.nullableText("ResponseModel"),
    usage: readUsage(row),
    costMicroUsd: row.nullableNumber("CostMicroUsd"),
    finishReasons: row.texts("FinishReasons"),
    newInputMessages: row.json<ModelCall["newInputMessages"]>("NewInputMessages"),
    inputMessageCount: row.number("InputMessageCount"),
    output: row.json<ModelCall["output"]>("OutputMessages"),
  };
}

function readToolCall(row: RowReader): ToolCall | null {
  if (!row.flag("HasToolCall")) return null;
  return {
    callId: row.nullableText("ToolCallId"),
    arguments: row.text("ToolArguments"),
    result: row.nullableText("ToolResult"),
    traits: row.json<ToolCall["traits"]>("ToolTraits"),
  };
}

export const stepMapping: TableMapping<Step> = {
  toRow(step) {
    const row = new RowEncoder()
      .text("TenantId", step.tenantId)
      .text("RunId", step.runId)
      .text("StepId", step.stepId)
      .count("Sequence", step.sequence)
      .count("Revision", step.revision)
      .flag("Retracted", step.retracted)
      .text("Kind", step.kind)
      .text("Name", step.name)
      .text("AgentName", step.agentName)
      .text("Service", step.service)
      .text("TraceId", step.traceId)
      .text("SpanId", step.spanId)
      .text("ParentSpanId", step.parentSpanId)
      .flag("Synthetic", step.synthetic)
      .text("State", step.state)
      .day("Day", step.startMs)
      .time("StartedAt", step.startMs)
      .nullableTime("EndedAt", step.endMs)
      .text("Outcome", step.outcome.class)
      .nullableText("OutcomeEvidence", step.outcome.evidence)
      .nullableText("ErrorType", step.outcome.errorType)
      .nullableText("ErrorMessage", step.outcome.message)
      .flag("HasModelCall", step.model !== null)
      .flag("HasToolCall", step.tool !== null)
      .text("Dialect", step.dialect);
    encodeModelCall(row, step.model ?? noModelCall);
    encodeToolCall(row, step.tool ?? noToolCall);
    return row.done();
  },

  fromRow(source) {
    const row = new RowReader(source);
    return {
      version: 1,
      tenantId: row.text("TenantId"),
      runId: row.text("RunId"),
      stepId: row.text("StepId"),
      sequence: row.number("Sequence"),
      revision: row.number("Revision"),
      retracted: row.flag("Retracted"),
      kind: row.word("Kind"),
      name: row.text("Name"),
      agentName: row.text("AgentName"),
      service: row.text("Service"),
      traceId: row.text("TraceId"),
      spanId: row.text("SpanId"),
      parentSpanId: row.text("ParentSpanId"),
      synthetic: row.flag("Synthetic"),
      state: row.word("State"),
      startMs: row.time("StartedAt"),
      endMs: row.nullableTime("EndedAt"),
      outcome: {
        class: row.word("Outcome"),
        evidence: row.nullableText("OutcomeEvidence"),
        errorType: row.nullableText("ErrorType"),
        message: row.nullableText("ErrorMessage"),
      },
      model: readModelCall(row),
      tool: readToolCall(row),
      dialect: row.text("Dialect"),
    };
  },
};
