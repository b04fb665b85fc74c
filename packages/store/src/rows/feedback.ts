import type { Feedback } from "@plumbline/contracts";
import { RowEncoder } from "./row-encoder.ts";
import { RowReader } from "./row-reader.ts";
import type { TableMapping } from "./table-mapping.ts";

export const feedbackMapping: TableMapping<Feedback> = {
  toRow: (feedback) =>
    new RowEncoder()
      .text("TenantId", feedback.tenantId)
      .text("FindingId", feedback.findingId)
      .text("RunId", feedback.runId)
      .text("Verdict", feedback.verdict)
      .text("GivenBy", feedback.by)
      .text("Comment", feedback.comment)
      .time("GivenAt", feedback.atMs)
      .done(),

  fromRow(source) {
    const row = new RowReader(source);
    return {
      version: 1,
      tenantId: row.text("TenantId"),
      findingId: row.text("FindingId"),
      runId: row.text("RunId"),
      verdict: row.word("Verdict"),
      by: row.text("GivenBy"),
      comment: row.text("Comment"),
      atMs: row.time("GivenAt"),
    };
  },
};
