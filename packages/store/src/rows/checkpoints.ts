import type { Checkpoint } from "@plumbline/contracts";
import { RowEncoder } from "./row-encoder.ts";
import { RowReader } from "./row-reader.ts";
import type { TableMapping } from "./table-mapping.ts";

export const checkpointMapping: TableMapping<Checkpoint> = {
  toRow: (checkpoint) =>
    new RowEncoder()
      .text("TenantId", checkpoint.tenantId)
      .text("RunId", checkpoint.runId)
      .text("CheckpointId", checkpoint.checkpointId)
      .count("Sequence", checkpoint.sequence)
      .text("Phase", checkpoint.phase)
      .text("StepId", checkpoint.stepId)
      .nullableText("ToolName", checkpoint.toolName)
      .nullableText("Arguments", checkpoint.arguments)
      .nullableText("IdempotencyKey", checkpoint.idempotencyKey)
      .text("Reasoning", checkpoint.reasoning)
      .text("Label", checkpoint.label)
      .count("StateBytes", checkpoint.stateBytes)
      .text("StateHash", checkpoint.stateHash)
      .time("WrittenAt", checkpoint.atMs)
      .done(),

  fromRow(source) {
    const row = new RowReader(source);
    return {
      version: 1,
      tenantId: row.text("TenantId"),
      runId: row.text("RunId"),
      checkpointId: row.text("CheckpointId"),
      sequence: row.number("Sequence"),
      phase: row.word("Phase"),
      stepId: row.text("StepId"),
      toolName: row.nullableText("ToolName"),
      arguments: row.nullableText("Arguments"),
      idempotencyKey: row.nullableText("IdempotencyKey"),
      reasoning: row.text("Reasoning"),
      label: row.text("Label"),
      stateBytes: row.number("StateBytes"),
      stateHash: row.text("StateHash"),
      atMs: row.time("WrittenAt"),
    };
  },
};
