import type { Finding } from "@plumbline/contracts";
import { RowEncoder } from "./row-encoder.ts";
import { RowReader } from "./row-reader.ts";
import type { TableMapping } from "./table-mapping.ts";

export const findingMapping: TableMapping<Finding> = {
  toRow: (finding) =>
    new RowEncoder()
      .text("TenantId", finding.tenantId)
      .text("FindingId", finding.findingId)
      .text("RunId", finding.runId)
      .text("Kind", finding.kind)
      .text("DetectorVersion", finding.detectorVersion)
      .real("Confidence", finding.confidence)
      .nullableText("StopReason", finding.stopReason)
      .text("Summary", finding.summary)
      .text("RuledOut", finding.ruledOut)
      .text("Failure", finding.failure ?? "")
      .texts("Also", finding.also ?? [])
      .count("FirstSequence", finding.firstSequence)
      .count("AtSequence", finding.atSequence)
      .count("LastProgressSequence", finding.lastProgressSequence)
      .real("CostSinceProgressMicroUsd", finding.costSinceProgressMicroUsd)
      .json("Evidence", finding.evidence)
      .texts(
        "EvidenceStepIds",
        finding.evidence.map((step) => step.stepId),
      )
      .text("Intervention", finding.intervention)
      .flag("Enforced", finding.enforced)
      .text("Profile", finding.profile)
      .text("TraceId", finding.traceId)
      .text("SpanId", finding.spanId)
      .time("FirstAt", finding.firstAtMs)
      .time("RaisedAt", finding.raisedAtMs)
      .count("Revision", finding.revision)
      .done(),

  fromRow(source) {
    const row = new RowReader(source);
    const failure = row.text("Failure");
    const also = row.texts("Also") as Finding["also"] & object;
    return {
      version: 1,
      tenantId: row.text("TenantId"),
      findingId: row.text("FindingId"),
      runId: row.text("RunId"),
      kind: row.word("Kind"),
      detectorVersion: row.text("DetectorVersion"),
      confidence: row.number("Confidence"),
      stopReason: row.nullableWord("StopReason"),
      summary: row.text("Summary"),
      ruledOut: row.text("RuledOut"),
      ...(failure === "" ? {} : { failure }),
      ...(also.length === 0 ? {} : { also }),
      firstSequence: row.number("FirstSequence"),
      atSequence: row.number("AtSequence"),
      lastProgressSequence: row.number("LastProgressSequence"),
      costSinceProgressMicroUsd: row.number("CostSinceProgressMicroUsd"),
      evidence: row.json<Finding["evidence"]>("Evidence"),
      intervention: row.word("Intervention"),
      enforced: row.flag("Enforced"),
      profile: row.text("Profile"),
      traceId: row.text("TraceId"),
      spanId: row.text("SpanId"),
      firstAtMs: row.time("FirstAt"),
      raisedAtMs: row.time("RaisedAt"),
      revision: row.number("Revision"),
    };
  },
};
