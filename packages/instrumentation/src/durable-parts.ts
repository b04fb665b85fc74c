import { eventName } from "@plumbline/contracts";
import { ApprovalDesk } from "./approval/approval-desk.ts";
import { createLazyCheckpointStore } from "./checkpoint/lazy-checkpoint-store.ts";
import { RunJournals } from "./checkpoint/run-journals.ts";
import type { Settings } from "./config/config.ts";
import type { Runtime, RuntimePorts } from "./runtime.ts";

/** What outlives the process, and what people are asked. */
export interface DurableParts {
  journals: RunJournals;
  approvals: ApprovalDesk;
}

type Foundation = Pick<Runtime, "instanceId" | "reporter" | "policy" | "acks" | "channel" | "notifier">;

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
  const { clock } = ports;
  const { tenantId } = settings;
  const journals = createJournals(settings, ports, foundation);
  const approvals = new ApprovalDesk({ ...foundation, clock, tenantId, journals });
  return { journals, approvals };
}
