import { type AgentEvent, type AgentEventOf, type Clock, eventName, type Random } from "@plumbline/contracts";
import { isHarmless } from "../audit/compliance.ts";
import type { Spool } from "../spool/spool.ts";
import { createBatchQueue } from "./batch-queue.ts";
import { createControlQueue } from "./control-queue.ts";
import type { Delivery } from "./delivery.ts";
import type { ReceiverState } from "./receiver-state.ts";
import {
  encodeLogRecord,
  encodeLogsRequest,
  eventToReport,
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

/** Events that may be dropped, and of which there are many. */
type TelemetryName = typeof eventName.stepStart | typeof eventName.stepEnd;

export interface EventReporter {
  /** Sends an event within milliseconds. Acks, approvals, checkpoints and audit records are spooled first and never dropped. */
  report(event: AgentEvent, ids?: SpanIds): void;
  /** The same for telemetry of which nothing can change any more: the event is made when it is sent. */
  reportLater<Name extends TelemetryName>(name: Name, make: () => AgentEventOf<Name>, ids: SpanIds): void;
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

/** Whether the record may be lost with a process that is killed within the moment. */
const mayGather = (event: AgentEvent): boolean =>
  event.name === eventName.audit && isHarmless(event.record.compliance.risk);

function once(work: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    work();
  };
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
  const telemetry = createBatchQueue<ReportedEvent>({
    name: "events",
    send: (events) => send(encodeLogsRequest(resource, events.map(encodeLogRecord))),
    maxItems: options.maxQueuedRecords,
    maxBatchItems: 512,
    lingerMs: eventLingerMs,
    clock,
    random,
    receiver,
    onSettled: once(() => control.adopt()),
  });

  return {
    report(event, ids = outsideTraces) {
      const reported = reportedEvent(event, ids, clock.nowMs());
      if (mayGather(event)) control.addSoon(encodeLogRecord(reported));
      else if (durable.has(event.name)) control.add(encodeLogRecord(reported));
      else telemetry.add(reported);
    },
    reportLater(name, make, ids) {
      telemetry.add(eventToReport({ name, make }, ids, clock.nowMs()));
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
