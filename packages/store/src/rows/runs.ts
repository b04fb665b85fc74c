import type { RunSummary } from "@plumbline/contracts";
import { RowEncoder } from "./row-encoder.ts";
import { RowReader } from "./row-reader.ts";
import type { TableMapping } from "./table-mapping.ts";

function encodeIdentity(row: RowEncoder, run: RunSummary): void {
  row
    .text("TenantId", run.tenantId)
    .text("RunId", run.runId)
    .texts("Aliases", run.aliases)
    .nullableText("ParentRunId", run.parentRunId)
    .text("AgentName", run.agentName)
    .text("Service", run.service)
    .text("Goal", run.goal)
    .texts("Models", run.models)
    .texts("Dialects", run.dialects)
    .text("Principal", run.principal)
    .text("TraceId", run.traceId)
    .count("Revision", run.revision);
}

function encodeState(row: RowEncoder, run: RunSummary): void {
  row
    .text("Status", run.status)
    .flag("Stuck", run.stuck)
    .nullableText("StopReason", run.stopReason)
    .text("Message", run.message)
    .text("Profile", run.profile)
    .text("Gate", run.gate)
    .json("Limits", run.limits)
    .nullableText("OpenStepId", run.openStep?.stepId ?? null)
    .nullableText("OpenStepName", run.openStep?.name ?? null)
    .nullableTime("OpenStepSince", run.openStep?.sinceMs ?? null)
    .texts("OpenFindingIds", run.openFindingIds)
    .texts("PendingApprovalIds", run.pendingApprovalIds)
    .nullableText("CheckpointId", run.checkpointId)
    .count("DirectiveGeneration", run.directiveGeneration)
    .count("AcknowledgedGeneration", run.acknowledgedGeneration)
    .time("StartedAt", run.startedAtMs)
    .time("LastSeenAt", run.lastSeenAtMs)
    .nullableTime("EndedAt", run.endedAtMs);
}

function encodeFigures(row: RowEncoder, run: RunSummary): void {
  row
    .count("ModelCalls", run.modelCalls)
    .count("ToolCalls", run.toolCalls)
    .count("Errors", run.errors)
    .count("InputTokens", run.inputTokens)
    .count("OutputTokens", run.outputTokens)
    .count("CachedInputTokens", run.cachedInputTokens)
    .real("CostMicroUsd", run.costMicroUsd)
    .count("UnpricedCalls", run.unpricedCalls)
    .real("CostSinceProgressMicroUsd", run.costSinceProgressMicroUsd)
    .real("Progress", run.progress)
    .count("LastSequence", run.lastSequence)
    .count("LastProgressSequence", run.lastProgressSequence)
    .time("LastProgressAt", run.lastProgressAtMs);
}

function readOpenStep(row: RowReader): RunSummary["openStep"] {
  const stepId = row.nullableText("OpenStepId");
  if (stepId === null) return null;
  return {
    stepId,
    name: row.nullableText("OpenStepName") ?? "",
    sinceMs: row.nullableTime("OpenStepSince") ?? 0,
  };
}

type Figures = Pick<
  RunSummary,
  | "modelCalls"
  | "toolCalls"
  | "errors"
  | "inputTokens"
  | "outputTokens"
  | "cachedInputTokens"
  | "costMicroUsd"
  | "unpricedCalls"
  | "costSinceProgressMicroUsd"
  | "progress"
  | "lastSequence"
  | "lastProgressSequence"
  | "lastProgressAtMs"
>;

function readFigures(row: RowReader): Figures {
  return {
    modelCalls: row.number("ModelCalls"),
    toolCalls: row.number("ToolCalls"),
    errors: row.number("Errors"),
    inputTokens: row.number("InputTokens"),
    outputTokens: row.number("OutputTokens"),
    cachedInputTokens: row.number("CachedInputTokens"),
    costMicroUsd: row.number("CostMicroUsd"),
    unpricedCalls: row.number("UnpricedCalls"),
    costSinceProgressMicroUsd: row.number("CostSinceProgressMicroUsd"),
    progress: row.number("Progress"),
    lastSequence: row.number("LastSequence"),
    lastProgressSequence: row.number("LastProgressSequence"),
    lastProgressAtMs: row.time("LastProgressAt"),
  };
}

export const runMapping: TableMapping<RunSummary> = {
  toRow(run) {
    const row = new RowEncoder();
    encodeIdentity(row, run);
    encodeState(row, run);
    encodeFigures(row, run);
    return row.done();
  },

  fromRow(source) {
    const row = new RowReader(source);
    return {
      version: 1,
      tenantId: row.text("TenantId"),
      runId: row.text("RunId"),
      aliases: row.texts("Aliases"),
      parentRunId: row.nullableText("ParentRunId"),
      agentName: row.text("AgentName"),
      service: row.text("Service"),
      goal: row.text("Goal"),
      status: row.word("Status"),
      stuck: row.flag("Stuck"),
      stopReason: row.nullableWord("StopReason"),
      message: row.text("Message"),
      profile: row.text("Profile"),
      gate: row.word("Gate"),
      models: row.texts("Models"),
      dialects: row.texts("Dialects"),
      principal: row.text("Principal"),
      ...readFigures(row),
      limits: row.json<RunSummary["limits"]>("Limits"),
      openStep: readOpenStep(row),
      openFindingIds: row.texts("OpenFindingIds"),
      pendingApprovalIds: row.texts("PendingApprovalIds"),
      checkpointId: row.nullableText("CheckpointId"),
      directiveGeneration: row.number("DirectiveGeneration"),
      acknowledgedGeneration: row.number("AcknowledgedGeneration"),
      traceId: row.text("TraceId"),
      startedAtMs: row.time("StartedAt"),
      lastSeenAtMs: row.time("LastSeenAt"),
      endedAtMs: row.nullableTime("EndedAt"),
      revision: row.number("Revision"),
    };
  },
};
