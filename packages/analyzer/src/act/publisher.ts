import type { Bus, BusRecord } from "@plumbline/bus";
import { type ControlRecord, type Directive, type Notification, runKey, topic } from "@plumbline/contracts";
import type { Effects } from "../runs/effects.ts";
import type { FindingExporter } from "./finding-exporter.ts";
import { isInTrace } from "./finding-span.ts";
import type { DirectiveSigner } from "./signer.ts";

/** Carries out what follows from a record on the bus. */
export interface EffectsPublisher {
  /** Resolves when everything is durable. Safe to repeat: all of it has deterministic ids or bytes. */
  publish(effects: Effects): Promise<void>;
}

const encoder = new TextEncoder();

function controlRecord(record: ControlRecord): BusRecord {
  const { tenantId, runId } = record.type === "ack" ? record.ack : record;
  return { key: runKey(tenantId, runId), value: encoder.encode(JSON.stringify(record)) };
}

export interface EffectsPublisherOptions {
  bus: Bus;
  signer: DirectiveSigner;
  /** Without one, findings are shown in the tables only. */
  findings: FindingExporter | undefined;
  /** Tells people; returns at once. */
  notify: ((notification: Notification) => void) | undefined;
  /** Compares texts that detection asks about; returns at once. */
  compare?: ((effects: Effects) => void) | undefined;
}

/** What people are told without asking: questions, findings that call for more than a look, pauses that last. */
function notificationsOf({ approvals, raised, unansweredPauses }: Effects): Notification[] {
  const findings = raised.filter(({ intervention }) => intervention !== "observe");
  return [
    ...approvals.map((request) => ({ kind: "approval-requested" as const, agentName: "", request })),
    ...findings.map(({ tenantId, runId, findingId, kind, confidence, summary, intervention }) => ({
      kind: "finding" as const,
      agentName: "",
      finding: { tenantId, runId, findingId, kind, confidence, summary, intervention },
    })),
    ...unansweredPauses,
  ];
}

export function createEffectsPublisher({
  bus,
  signer,
  findings,
  notify,
  compare,
}: EffectsPublisherOptions): EffectsPublisher {
  const signed = (directive: Directive): BusRecord => ({
    key: runKey(directive.tenantId, directive.runId),
    value: encoder.encode(JSON.stringify(signer.sign(directive))),
  });

  async function publishAll(topicName: string, records: readonly BusRecord[]): Promise<void> {
    if (records.length > 0) await bus.publish(topicName, records);
  }

  return {
    async publish(effects) {
      const acks = effects.acks.map((ack) => controlRecord({ version: 1, type: "ack", ack }));
      await Promise.all([
        publishAll(topic.controlState, effects.directives.map(signed)),
        publishAll(topic.commands, [...effects.commands.map(controlRecord), ...acks]),
      ]);
      compare?.(effects);
      findings?.export(effects.raised.filter(isInTrace));
      for (const notification of notificationsOf(effects)) notify?.(notification);
    },
  };
}
