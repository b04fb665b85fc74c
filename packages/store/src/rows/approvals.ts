import type { ApprovalRequest } from "@plumbline/contracts";
import { RowEncoder } from "./row-encoder.ts";
import { RowReader } from "./row-reader.ts";
import type { TableMapping } from "./table-mapping.ts";

export const approvalMapping: TableMapping<ApprovalRequest> = {
  toRow: (request) =>
    new RowEncoder()
      .text("TenantId", request.tenantId)
      .text("RunId", request.runId)
      .text("ApprovalId", request.approvalId)
      .text("StepId", request.stepId)
      .text("ToolName", request.toolName)
      .text("Arguments", request.arguments)
      .text("ArgsHash", request.argsHash)
      .text("Reasoning", request.reasoning)
      .text("ExpectedOutcome", request.expectedOutcome)
      .text("Risk", request.risk)
      .flag("Reversible", request.reversible)
      .text("DefaultDecision", request.defaultDecision)
      .flag("WasInFlight", request.wasInFlight)
      .json("Context", request.context)
      .time("RequestedAt", request.requestedAtMs)
      .time("ExpiresAt", request.expiresAtMs)
      .done(),

  fromRow(source) {
    const row = new RowReader(source);
    return {
      version: 1,
      tenantId: row.text("TenantId"),
      runId: row.text("RunId"),
      approvalId: row.text("ApprovalId"),
      stepId: row.text("StepId"),
      toolName: row.text("ToolName"),
      arguments: row.text("Arguments"),
      argsHash: row.text("ArgsHash"),
      reasoning: row.text("Reasoning"),
      expectedOutcome: row.text("ExpectedOutcome"),
      risk: row.word("Risk"),
      reversible: row.flag("Reversible"),
      defaultDecision: row.word("DefaultDecision"),
      wasInFlight: row.flag("WasInFlight"),
      context: row.json("Context"),
      requestedAtMs: row.time("RequestedAt"),
      expiresAtMs: row.time("ExpiresAt"),
    };
  },
};
