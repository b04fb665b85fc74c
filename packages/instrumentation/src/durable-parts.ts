import { eventName } from "@plumbline/contracts";
import { ApprovalDesk } from "./approval/approval-desk.ts";
import { createLazyCheckpointStore } from "./checkpoint/lazy-checkpoint-store.ts";
import { RunJournals } from "./checkpoint/run-journals.ts";
import type { Settings } from "./config/config.ts";
import type { Notifier } from "./notify/notifier.ts";
import { createWebhookNotifier } from "./notify/webhook-notifier.ts";
import type { Runtime, RuntimePorts } from "./runtime.ts";

/** What outlives the process, and what people are asked and told. */
export interface DurableParts {
  journals: RunJournals;
  approvals: ApprovalDesk;
  notifier: Notifier;
}

type Foundation = Pick<Runtime, "instanceId" | "reporter" | "policy" | "acks" | "channel">;

function createJournals(settings: Settings, ports: RuntimePorts, foundation: Foundation): RunJournals {
  const { instanceId, reporter, policy } = foundation;
  const { clock, processId, isAlive } = ports;
  const { dataDirectory, checkpoints: mode, checkpointStore, tenantId, maxStateBytes } = settings;
  const owner = { processId, instanceId, isAlive };
  const store =
    checkpointStore ?? createLazyCheckpointStore({ dataDirectory, owner, required: mode === "required" });
  return new RunJournals({
    store,
    mode,
    clock,
    tenantId,
    instanceId,
    maxStateBytes,
    redacted: (text) => policy.text(text),
    report: ({ runId, agentName, traceId, spanId }, checkpoint) =>
      reporter.report({ name: eventName.checkpoint, runId, agentName, checkpoint }, { traceId, spanId }),
  });
}

export function createDurableParts(
  settings: Settings,
  ports: RuntimePorts,
  foundation: Foundation,
): DurableParts {
  const { clock, random } = ports;
  const { tenantId, notifications } = settings;
  const journals = createJournals(settings, ports, foundation);
  const notifier = createWebhookNotifier({ webhooks: notifications, clock, random });
  const approvals = new ApprovalDesk({ ...foundation, clock, tenantId, journals, notifier });
  return { journals, approvals, notifier };
}
