import { defaultRetentionDays } from "@plumbline/store";
import { z } from "zod";

const days = z.number().int().min(1).nullable();

/** `retention:` of the configuration: for how many days from when it was stored a row is kept; null keeps it for ever. */
export const retentionSettingsSchema = z
  .strictObject({
    otel_traces: days.default(defaultRetentionDays.otel_traces),
    otel_logs: days.default(defaultRetentionDays.otel_logs),
    steps: days.default(defaultRetentionDays.steps),
    scores: days.default(defaultRetentionDays.scores),
    checkpoints: days.default(defaultRetentionDays.checkpoints),
    runs: days.default(defaultRetentionDays.runs),
    findings: days.default(defaultRetentionDays.findings),
    feedback: days.default(defaultRetentionDays.feedback),
    commands: days.default(defaultRetentionDays.commands),
    directives: days.default(defaultRetentionDays.directives),
    acks: days.default(defaultRetentionDays.acks),
    approvals: days.default(defaultRetentionDays.approvals),
    audit: days.default(defaultRetentionDays.audit),
  })
  .prefault({});
