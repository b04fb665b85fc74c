import type { RunDetail } from "@plumbline/contracts";

/** How far a run's tool calls stand in the audit trail; nothing where none does. */
export function auditLines({ run, audit }: RunDetail): string[] {
  if (audit === undefined) return [];
  const { records, countersigned } = audit;
  const calls = `${String(records)} tool ${records === 1 ? "call" : "calls"} recorded`;
  const signed =
    countersigned >= records
      ? "all countersigned"
      : `${String(countersigned)} countersigned; the rest is on its way or does not fit`;
  return [`AUDIT ${calls}, ${signed}   plumbline audit verify ${run.runId}`];
}
