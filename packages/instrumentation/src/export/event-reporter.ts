import { type AgentEvent, type Clock, eventName, type Random } from "@plumbline/contracts";
import type { Spool } from "../spool/spool.ts";
import { createBatchQueue } from "./batch-queue.ts";
import { createControlQueue } from "./control-queue.ts";
import type { Delivery } from "./delivery.ts";
import type { ReceiverState } from "./receiver-state.ts";
import {
  encodeLogRecord,
  encodeLogsRequest,
  type ReportedEvent,
  reportedEvent,
  type ResourceAttributes,
  type SpanIds,
} from "./otlp-json.ts";

export interface EventReporterOptions {
  resource: ResourceAttributes;
  send: (body: string) => Promise<Delivery>;
  spool: Spool;
  clock: Clock;
  random: Random;
  receiver: ReceiverState;
  maxQueuedRecords: number;
}

export interface EventReporter {
  /** Sends an event within milliseconds. Acks, approvals, checkpoints and audit records are spooled first and never dropped. */
  report(event: AgentEvent, ids?: SpanIds): void;
  flush(timeoutMs: number): Promise<void>;
  /** Leaves what could not be sent to the next process of this machine; nothing where no receiver ever was. */
  park(): void;
  readonly pending: number;
  /** Telemetry records lost: dropped when the queue was full, or refused by the receiver. */
  readonly dropped: number;
}

/** Long enough that the events of one moment share a request, short against any decision made from them. */
const eventLingerMs = 2;
const outsideTraces: SpanIds = { traceId: "", spanId: "" };
const durable: ReadonlySet<AgentEvent["name"]> = new Set([
  "plumbline.ack",
  "plumbline.approval.request",
  "plumbline.checkpoint",
  "plumbline.audit",
]);

const recordTexts = (items: readonly { record: string }[]): string[] => items.map(({ record }) => record);

/** Whether the record is of a call that changes little: it may be lost with a process that is killed within the same turn. */
function isHarmless(event: AgentEvent): boolean {
  if (event.name !== eventName.audit) return false;
  const { risk } = event.record.compliance;
  return risk === "safe" || risk === "low";
}

/** The agent's own log pipeline: one queue that may drop and count, one that may not. */
export function createEventReporter(options: EventReporterOptions): EventReporter {
  const { resource, send, spool, clock, random, receiver } = options;
  const control = createControlQueue({
    send: (items) => send(encodeLogsRequest(resource, recordTexts(items))),
    spool,
    lingerMs: eventLingerMs,
    clock,
    random,
    receiver,
  });
  let adopted = false;

  function adoptOnce(): void {
    if (adopted) return;
    adopted = true;
    control.adopt();
  }

  const telemetry = createBatchQueue<ReportedEvent>({
    name: "events",
    send: (events) => send(encodeLogsRequest(resource, events.map(encodeLogRecord))),
    maxItems: options.maxQueuedRecords,
    maxBatchItems: 512,
    lingerMs: eventLingerMs,
    clock,
    random,
    receiver,
    onSettled: adoptOnce,
  });

  return {
    report(event, ids = outsideTraces) {
      const reported = reportedEvent(event, ids, clock.nowMs());
      if (isHarmless(event)) control.addSoon(encodeLogRecord(reported));
      else if (durable.has(event.name)) control.add(encodeLogRecord(reported));
      else telemetry.add(reported);
    },
    async flush(timeoutMs) {
      await Promise.all([telemetry.flush(timeoutMs), control.flush(timeoutMs)]);
    },
    park() {
      control.settle();
      if (!receiver.wasReached) return;
      for (const reported of telemetry.takeWaiting()) spool.add(encodeLogRecord(reported));
    },
    get pending() {
      return telemetry.size + control.size;
    },
    get dropped() {
      return telemetry.dropped + telemetry.refused;
    },
  };
}
