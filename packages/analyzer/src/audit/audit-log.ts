import type { BusRecord, ReceivedRecord } from "@plumbline/bus";
import {
  type AuditRecord,
  auditRecordFaults,
  auditRecordSchema,
  decodeAgentEvent,
  eventName,
  eventPayloadAttribute,
  isPlumblineError,
  type OtlpLogRecord,
  RejectedError,
  runKey,
} from "@plumbline/contracts";

/** An audit record on its way from ingest to the ledger: with who sent it, as the receiver authenticated it. */
export interface ReceivedAudit {
  tenantId: string;
  principal: string;
  record: AuditRecord;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Audit records leave the way of the observations here: they are nobody's step, and not to be read in the raw logs. */
export function takeAudits(
  logs: readonly OtlpLogRecord[],
  sender: { tenantId: string; principal: string },
): { audits: ReceivedAudit[]; others: OtlpLogRecord[]; refusals: string[] } {
  const isAudit = (log: OtlpLogRecord): boolean =>
    log.eventName === eventName.audit || log.attributes["event.name"] === eventName.audit;
  const audits: ReceivedAudit[] = [];
  const refusals: string[] = [];
  for (const log of logs.filter(isAudit)) {
    try {
      const event = decodeAgentEvent(eventName.audit, log.attributes[eventPayloadAttribute]);
      if (event.name === eventName.audit) audits.push({ ...sender, record: event.record });
    } catch (error) {
      if (!isPlumblineError(error)) throw error;
      refusals.push(error.message);
    }
  }
  return { audits, others: logs.filter((log) => !isAudit(log)), refusals };
}

/** Records of a run lie in one partition, so that its chains have one ledger. */
export function auditBusRecord(audit: ReceivedAudit): BusRecord {
  const key = runKey(audit.tenantId, audit.record.link.runId);
  return { key, value: encoder.encode(JSON.stringify(audit)) };
}

/**
 * Inverse of {@link auditBusRecord}.
 * @throws RejectedError when it is no audit record, or one whose parts are not what its link says
 */
export function readAudit({ value, unreadable }: ReceivedRecord): ReceivedAudit {
  if (unreadable !== undefined) throw new RejectedError(unreadable, { code: "AUDIT_UNREADABLE" });
  const { tenantId, principal, record } = JSON.parse(decoder.decode(value)) as ReceivedAudit;
  const parsed = auditRecordSchema.parse(record);
  const faults = auditRecordFaults(parsed);
  if (faults.length === 0) return { tenantId, principal, record: parsed };
  const { chainId, sequence } = parsed.link;
  throw new RejectedError(
    `Record ${String(sequence)} of audit chain ${chainId}: ${faults.join(" and ")} is not what was hashed.`,
    { code: "AUDIT_HASH", mend: "Check that nothing on the way changes log attributes." },
  );
}
