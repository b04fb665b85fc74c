import type { Ack } from "@plumbline/contracts";
import { RowEncoder } from "./row-encoder.ts";
import { RowReader } from "./row-reader.ts";
import type { TableMapping } from "./table-mapping.ts";

function subjectIdOf(subject: Ack["subject"]): string {
  if (subject.kind === "nudge") return subject.nudgeId;
  return subject.kind === "approval" ? subject.approvalId : "";
}

function readSubject(row: RowReader): Ack["subject"] {
  const kind = row.word<Ack["subject"]["kind"]>("SubjectKind");
  if (kind === "nudge") return { kind, nudgeId: row.text("SubjectId") };
  return kind === "approval" ? { kind, approvalId: row.text("SubjectId") } : { kind };
}

export const ackMapping: TableMapping<Ack> = {
  toRow: (ack) =>
    new RowEncoder()
      .text("TenantId", ack.tenantId)
      .text("RunId", ack.runId)
      .text("AckId", ack.ackId)
      .text("InstanceId", ack.instanceId)
      .count("Generation", ack.generation)
      .text("Phase", ack.phase)
      .text("SubjectKind", ack.subject.kind)
      .text("SubjectId", subjectIdOf(ack.subject))
      .text("Detail", ack.detail)
      .nullableText("StepId", ack.stepId)
      .time("AckedAt", ack.atMs)
      .done(),

  fromRow(source) {
    const row = new RowReader(source);
    return {
      version: 1,
      tenantId: row.text("TenantId"),
      runId: row.text("RunId"),
      ackId: row.text("AckId"),
      instanceId: row.text("InstanceId"),
      generation: row.number("Generation"),
      phase: row.word("Phase"),
      subject: readSubject(row),
      detail: row.text("Detail"),
      stepId: row.nullableText("StepId"),
      atMs: row.time("AckedAt"),
    };
  },
};
