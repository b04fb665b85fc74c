import { type BusRecord, createMemoryBus } from "@plumbline/bus";
import {
  type AgentEvent,
  type Directive,
  directiveSchema,
  type SignedDirective,
  topic,
} from "@plumbline/contracts";
import { createMonitor, createPolicy } from "@plumbline/detection";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { logRecordOf, stuckRun } from "./support/agent-telemetry.ts";
import { analyse } from "./support/recording-analyzer.ts";

const runId = "run-1";
const traceId = "0af7651916cd43dd8448eb211c80319c";
const nudging = createMonitor(
  createPolicy({ profile: "enforce", detectors: { "exact-loop": { upTo: "nudge" } } }),
);
/** A run that makes the same call six times: its start, then start and end of every call. */
const calls = 6;

/** The agent's own guard told the model after so many of the calls. */
function toldByGuard(after: number, startMs: number): BusRecord {
  const event: AgentEvent = {
    name: "plumbline.guard.finding",
    runId,
    agentName: "finder",
    kind: "exact-loop",
    guard: "loop",
    signature: "f-of-the-agent",
    summary: "find_orders was called again and again.",
    intervention: "nudge",
    confidence: 0.9,
    steps: Array.from({ length: after }, (_, index) => ({
      stepId: `${(startMs % 0xff_ff_ff).toString(16).padStart(32, "0")}.${(100 + index).toString(16).padStart(16, "0")}`,
      name: "find_orders",
    })),
    revision: 0,
    atMs: startMs + 1_000 * after + 60,
  };
  return logRecordOf(event, { traceId, spanId: "00f067aa0ba902b7", timeMs: startMs + 1_000 * after + 60 });
}

/** All of it analysed, and the control documents that followed. */
async function analysed(after: number) {
  const bus = createMemoryBus();
  const store = await analyse(bus, { monitor: nudging });
  const directives: Directive[] = [];
  const tail = await bus.tail({
    topic: topic.controlState,
    from: "beginning",
    onRecord: ({ value }) => {
      const { payload } = JSON.parse(new TextDecoder().decode(value)) as SignedDirective;
      directives.push(directiveSchema.parse(JSON.parse(payload)));
    },
  });
  onTestFinished(() => tail.close());
  const startMs = Date.now();
  const records = stuckRun(runId, calls, startMs);
  const upTo = 1 + 2 * after;
  await bus.publish(topic.logs, [
    ...records.slice(0, upTo),
    toldByGuard(after, startMs),
    ...records.slice(upTo),
  ]);
  await vi.waitFor(
    () => expect(store.items("runs").at(-1)).toMatchObject({ runId, toolCalls: calls }),
    5_000,
  );
  return { store, directives };
}

describe("what the agent's own guard and the analyzer find on one stretch", () => {
  it("is one finding, and the model is told once, by the guard that was first", async () => {
    const { store, directives } = await analysed(2);
    const findings = store.items("findings");
    expect(new Set(findings.map(({ findingId }) => findingId)).size).toBe(1);
    expect(findings[0]).toMatchObject({ detectorVersion: "agent:loop", intervention: "nudge" });
    expect(findings.at(-1)).toMatchObject({ kind: "exact-loop", detectorVersion: "1" });
    expect(findings.at(-1)?.evidence).toHaveLength(calls);
    expect(store.items("commands")).toEqual([]);
    expect(directives).toEqual([]);
  });

  it("is one finding where the analyzer was first, and its nudge is taken off the control document", async () => {
    const { store, directives } = await analysed(4);
    await vi.waitFor(
      () =>
        expect(store.items("acks")).toMatchObject([
          { runId, phase: "applied", instanceId: "guard:loop", subject: { kind: "nudge" } },
        ]),
      5_000,
    );
    expect(store.items("commands")).toMatchObject([{ verb: "nudge" }]);
    await vi.waitFor(() => expect(directives.at(-1)).toMatchObject({ runId, nudges: [] }), 5_000);
    expect(new Set(store.items("findings").map(({ findingId }) => findingId)).size).toBe(1);
  });
});
