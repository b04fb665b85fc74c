import type { Directive } from "@plumbline/contracts";
import { RowEncoder } from "./row-encoder.ts";
import { RowReader } from "./row-reader.ts";
import type { TableMapping } from "./table-mapping.ts";

export const directiveMapping: TableMapping<Directive> = {
  toRow: (directive) =>
    new RowEncoder()
      .text("TenantId", directive.tenantId)
      .text("RunId", directive.runId)
      .count("Generation", directive.generation)
      .text("Desired", directive.desired)
      .nullableText("Reason", directive.reason)
      .nullableText("FindingId", directive.findingId)
      .text("Message", directive.message)
      .json("Nudges", directive.nudges)
      .json("Limits", directive.limits)
      .json("Approvals", directive.approvals)
      .time("IssuedAt", directive.issuedAtMs)
      .text("IssuedBy", directive.issuedBy)
      .done(),

  fromRow(source) {
    const row = new RowReader(source);
    return {
      version: 1,
      tenantId: row.text("TenantId"),
      runId: row.text("RunId"),
      generation: row.number("Generation"),
      desired: row.word("Desired"),
      reason: row.nullableWord("Reason"),
      findingId: row.nullableText("FindingId"),
      message: row.text("Message"),
      nudges: row.json<Directive["nudges"]>("Nudges"),
      limits: row.json<Directive["limits"]>("Limits"),
      approvals: row.json<Directive["approvals"]>("Approvals"),
      issuedAtMs: row.time("IssuedAt"),
      issuedBy: row.text("IssuedBy"),
    };
  },
};
