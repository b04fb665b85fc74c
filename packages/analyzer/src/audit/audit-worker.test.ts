import { type Assignment, createMemoryBus } from "@plumbline/bus";
import { type AuditRecord, topic, topicSpecs } from "@plumbline/contracts";
import { auditChain, auditKey, createManualClock, signedAuditHead } from "@plumbline/contracts/testing";
import type { Store } from "@plumbline/store";
import { expect, onTestFinished, test } from "vitest";
import { strictMetrics as metrics } from "../fixtures/strict-metrics.ts";
import { auditBusRecord } from "./audit-log.ts";
import { openAuditWorker } from "./audit-worker.ts";

const key = auditKey();

async function openWorker() {
  const bus = createMemoryBus();
  await bus.createTopics(topicSpecs(1));
  const clock = createManualClock();
  const stored: Record<string, number[]> = {};
  const store: Partial<Store> = {
    insert: (table, items) => {
      (stored[table] ??= []).push(items.length);
      return Promise.resolve({ inserted: items.length, rejected: [] });
    },
  };
  let woken = 0;
  const ownership = new AbortController();
  const assignment: Assignment = {
    partition: 0,
    committed: new Map(),
    commit: () => Promise.resolve(),
    signal: ownership.signal,
    wake: () => void (woken += 1),
  };
  const worker = await openAuditWorker(
    {
      bus,
      store: store as Store,
      clock,
      metrics,
      sign: (head) => signedAuditHead(key, head),
      tables: { compliance: true, technical: true },
      publisher: { offer: () => undefined, flush: () => Promise.resolve(), close: () => Promise.resolve() },
    },
    assignment,
  );
  onTestFinished(async () => {
    ownership.abort();
    await bus.close();
  });
  const deliver = (records: readonly AuditRecord[], waiting: number): Promise<void> =>
    worker.onBatch({
      topic: topic.audit,
      endOffset: records.length + waiting,
      records: records.map((record, offset) => {
        const { key: recordKey, value } = auditBusRecord({ tenantId: "", principal: "shop", record });
        return {
          topic: topic.audit,
          partition: 0,
          offset,
          key: recordKey,
          value,
          headers: {},
          timestampMs: 0,
        };
      }),
    });
  return { clock, stored, deliver, takes: () => worker.takes?.(topic.audit), woken: () => woken };
}

test("what comes in the second after a batch is taken together, at its end", async () => {
  const { clock, stored, deliver, takes, woken } = await openWorker();
  expect(takes()).toBe(true);
  await deliver(auditChain("run-a", "chain-1", 3), 0);
  expect(stored).toEqual({ tool_calls_audit: [3], audit_log: [3], audit_heads: [3] });
  expect(takes()).toBe(false);
  await clock.advance(999);
  expect([takes(), woken()]).toEqual([false, 0]);
  await clock.advance(1);
  expect([takes(), woken()]).toEqual([true, 1]);
});

test("a batch with which not everything was read is followed by the next at once", async () => {
  const { deliver, takes } = await openWorker();
  await deliver(auditChain("run-a", "chain-1", 3), 500);
  expect(takes()).toBe(true);
});
