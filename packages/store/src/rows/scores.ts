import type { Score } from "@plumbline/contracts";
import { RowEncoder } from "./row-encoder.ts";
import { RowReader } from "./row-reader.ts";
import type { TableMapping } from "./table-mapping.ts";

export const scoreMapping: TableMapping<Score> = {
  toRow: (score) =>
    new RowEncoder()
      .text("TenantId", score.tenantId)
      .text("RunId", score.runId)
      .text("StepId", score.stepId)
      .count("Sequence", score.sequence)
      .text("Name", score.name)
      .real("Value", score.value)
      .time("ScoredAt", score.atMs)
      .count("Revision", score.revision)
      .done(),

  fromRow(source) {
    const row = new RowReader(source);
    return {
      version: 1,
      tenantId: row.text("TenantId"),
      runId: row.text("RunId"),
      stepId: row.text("StepId"),
      sequence: row.number("Sequence"),
      name: row.text("Name"),
      value: row.number("Value"),
      atMs: row.time("ScoredAt"),
      revision: row.number("Revision"),
    };
  },
};
