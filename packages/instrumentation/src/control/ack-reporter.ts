import { type Ack, type Clock, derivedId, eventName } from "@plumbline/contracts";
import type { EventReporter } from "../export/event-reporter.ts";
import type { RunRecord } from "../run/run-record.ts";

export interface AckDetails {
  generation: number;
  phase: Ack["phase"];
  subject: Ack["subject"];
  detail: string;
  stepId: string | null;
}

/** Tells the server what this process did with a directive. */
export interface AckReporter {
  /** Repeating an ack changes nothing: its id follows from its content. */
  ack(run: RunRecord, details: AckDetails): void;
}

function subjectKey(subject: Ack["subject"]): string {
  if (subject.kind === "nudge") return `nudge:${subject.nudgeId}`;
  return subject.kind === "approval" ? `approval:${subject.approvalId}` : "directive";
}

export function createAckReporter(options: {
  reporter: EventReporter;
  clock: Clock;
  tenantId: string;
  instanceId: string;
}): AckReporter {
  const { reporter, clock, tenantId, instanceId } = options;
  return {
    ack(run, details) {
      const { runId, agentName } = run;
      const key = [
        instanceId,
        tenantId,
        runId,
        details.generation,
        subjectKey(details.subject),
        details.phase,
      ];
      const ack: Ack = {
        version: 1,
        tenantId,
        runId,
        ackId: derivedId("ack", key),
        instanceId,
        atMs: clock.nowMs(),
        ...details,
      };
      reporter.report(
        { name: eventName.ack, runId, agentName, ack },
        { traceId: run.traceId, spanId: run.spanId },
      );
    },
  };
}
