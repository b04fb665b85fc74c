import type { SignedAuditHead } from "@plumbline/contracts";
import { formatTable } from "../format/table.ts";
import type { TrailVerdict } from "./verify-trail.ts";

/** A verdict with what it rests on. */
export interface ReportedVerdict extends TrailVerdict {
  ok: boolean;
  /** Whether heads were there to hold the records against. */
  countersigned: boolean;
  /** What the ledgers themselves were held against: a head kept outside, the analyzer's log, or nothing. */
  anchored: "head" | "log" | "nothing";
}

const restsOn: Record<ReportedVerdict["anchored"], string> = {
  head: "It was held against the head that was kept outside",
  log: "It was held against the analyzer's log; a head kept outside (--head) also gives away a log that was replaced",
  nothing: "It was held against nothing outside: an end that was cut off would not show",
};

const counted = (count: number, noun: string): string => `${String(count)} ${noun}${count === 1 ? "" : "s"}`;

/** The verdict for a person: what was looked at, then every finding by name. */
export function formatVerdict(verdict: ReportedVerdict): string {
  const { runs, records, heads, findings, countersigned, anchored, ok } = verdict;
  const looked = `${counted(records, "record")} of ${counted(runs, "run")}, ${counted(heads, "head")}`;
  const basis = countersigned
    ? restsOn[anchored]
    : "No heads were given: an end that was cut off, or a chain written anew, would not show";
  if (ok) return `The audit trail is as it was written: ${looked}.\n${basis}.`;
  const columns = [{ title: "FINDING" }, { title: "RUN" }, { title: "WHERE" }, { title: "WHAT" }];
  const table = formatTable(
    columns,
    findings.map(({ kind, runId, where, what }) => [kind, runId ?? "", where, what]),
  );
  return `${table}\nThe audit trail is NOT as it was written: ${counted(findings.length, "finding")} in ${looked}.`;
}

/** The heads for a person. */
export function formatTips(heads: readonly SignedAuditHead[], file: string | undefined): string {
  if (heads.length === 0) return "Nothing was countersigned yet.";
  const lines = heads.map(({ ledger, index, keyId, signature }) => {
    return `ledger ${String(ledger)}  entry ${String(index)}  key ${keyId}  ${signature.slice(0, 16)}…`;
  });
  const kept =
    file === undefined
      ? "Keep them elsewhere with --out FILE."
      : `Written to ${file}. Keep it where nobody who writes the tables can reach it.`;
  return [...lines, kept].join("\n");
}
