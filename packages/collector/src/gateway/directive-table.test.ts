import type { ReceivedRecord } from "@plumbline/bus";
import { type Directive, initialDirective, runKey } from "@plumbline/contracts";
import { describe, expect, it } from "vitest";
import { DirectiveTable } from "./directive-table.ts";

let nextOffset = 0;

function recordOf(key: string | null, value: string, partition = 0): ReceivedRecord {
  nextOffset += 1;
  const bytes = new TextEncoder().encode(value);
  return { topic: "t", partition, offset: nextOffset, key, value: bytes, headers: {}, timestampMs: 0 };
}

function directiveRecord(runId: string, change: Partial<Directive>, key = runKey("", runId)): ReceivedRecord {
  const payload = JSON.stringify({ ...initialDirective("", runId), ...change });
  return recordOf(key, JSON.stringify({ payload, keyId: "k", algorithm: "Ed25519", signature: "s" }));
}

const key = runKey("", "a");

describe("DirectiveTable", () => {
  it("keeps the newest generation whatever the order", () => {
    const table = new DirectiveTable();
    expect(table.apply(directiveRecord("a", { generation: 5 }))).toBe(key);
    expect(table.apply(directiveRecord("a", { generation: 4 }))).toBeUndefined();
    expect(table.apply(directiveRecord("a", { generation: 5 }))).toBeUndefined();
    expect(table.get(key)?.generation).toBe(5);
  });

  it("forgets a run whose record was emptied, but never a killed one", () => {
    const table = new DirectiveTable();
    table.apply(directiveRecord("a", { generation: 1, desired: "paused" }));
    table.apply(directiveRecord("b", { generation: 1, desired: "killed" }));
    table.apply(recordOf(key, ""));
    table.apply(recordOf(runKey("", "b"), ""));
    expect(table.get(key)).toBeUndefined();
    expect(table.get(runKey("", "b"))?.killed).toBe(true);
  });

  it("says what it can't read and where, and stays as it was", () => {
    const table = new DirectiveTable();
    table.apply(directiveRecord("a", { generation: 1 }));
    expect(() => table.apply(recordOf(key, "{"))).toThrow(/partition 0, offset \d+/);
    expect(() => table.apply(recordOf(null, "{}"))).toThrow(/no key/);
    expect(() => table.apply(directiveRecord("b", { generation: 9 }, key))).toThrow(/another run/);
    expect(table.get(key)?.generation).toBe(1);
  });

  it("knows per partition how far it has read", () => {
    const table = new DirectiveTable();
    const record = directiveRecord("a", { generation: 1 });
    table.apply({ ...record, partition: 2, offset: 7 });
    expect(table.nextOffsets()).toEqual([0, 0, 8]);
  });
});
