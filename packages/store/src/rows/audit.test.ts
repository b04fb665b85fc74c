import { type AuditRecord, appendAudit, auditOutcomes, auditRecordFaults } from "@plumbline/contracts";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Row } from "./row.ts";
import { tableMappings } from "./tables.ts";

const text = fc.string({ unit: "grapheme", maxLength: 12 });
const id = fc.stringMatching(/^[A-Za-z0-9._:-]{1,20}$/);
const time = fc.integer({ min: 0, max: 4_102_444_799_999 });
const orNull = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | null> => fc.option(value);

const record: fc.Arbitrary<AuditRecord> = fc
  .record({
    runId: id,
    chainId: id,
    sequence: fc.maxSafeNat().map((value) => Math.min(value, Number.MAX_SAFE_INTEGER - 1)),
    compliance: fc.record({
      agentName: text,
      stepId: text,
      toolName: text,
      action: text,
      risk: orNull(fc.constantFrom("safe" as const, "low" as const, "medium" as const, "high" as const)),
      reversible: orNull(fc.boolean()),
      dataAccessed: orNull(fc.array(text, { maxLength: 3 })),
      dataModified: orNull(fc.array(text, { maxLength: 3 })),
      authorisedBy: text,
      outcome: fc.constantFrom(...auditOutcomes),
      errorType: orNull(text),
      startedAtMs: time,
      endedAtMs: time,
    }),
    technical: fc.record({
      salt: text,
      callId: text,
      idempotencyKey: text,
      input: orNull(text),
      output: orNull(text),
      error: orNull(text),
      performedAtMs: orNull(time),
      durationMs: fc.maxSafeNat(),
    }),
  })
  .map(({ compliance, technical, ...end }) => appendAudit({ ...end, hash: "" }, { compliance, technical }));

/** As the database gives rows back: 64-bit integers are text. */
function throughJson(row: Row): Row {
  return JSON.parse(
    JSON.stringify(row, (_key, value: unknown) => (Number.isInteger(value) ? String(value) : value)),
  ) as Row;
}

test("both parts of an audit record come back from their rows with the hashes they had", () => {
  fc.assert(
    fc.property(record, ({ link, compliance, technical }) => {
      const { tool_calls_audit: complianceTable, audit_log: technicalTable } = tableMappings;
      const stored = { tenantId: "t", link };
      const first = complianceTable.fromRow(throughJson(complianceTable.toRow({ ...stored, compliance })));
      const second = technicalTable.fromRow(throughJson(technicalTable.toRow({ ...stored, technical })));
      expect(first).toEqual({ ...stored, compliance });
      expect(second).toEqual({ ...stored, technical });
      const back = { version: 1 as const, ...first, ...second };
      expect(auditRecordFaults(back)).toEqual([]);
    }),
  );
});
