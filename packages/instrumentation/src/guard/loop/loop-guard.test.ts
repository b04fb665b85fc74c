import { describe, expect, it } from "vitest";
import * as detection from "@plumbline/detection";
import { RunRecord } from "../../run/run-record.ts";
import type { ToolCallUnderWay } from "../../tool/tool-stage.ts";
import type { Noticed } from "../guard-findings.ts";
import type { Event } from "../../../../detection/src/fixtures/scenarios.ts";
import { honestWork, loops, type Shape } from "../../../../detection/src/fixtures/shapes.ts";
import { createLoopMonitor, LoopGuard } from "./loop-guard.ts";

interface Walked {
  /** Calls that were made. */
  made: number;
  blocked: number;
  stopReason: string | undefined;
  nudges: number;
  noticed: Noticed[];
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value ?? {}));

const runOf = (goal: string): RunRecord => {
  const declaration = {
    runId: "r",
    agentName: "a",
    goal,
    conversationId: null,
    parent: undefined,
    limits: {},
  };
  const rest = { onPause: "wait", onControlLost: "continue", implicit: false } as const;
  return new RunRecord(
    { ...declaration, ...rest },
    { tenantId: "", startedAtMs: 1, onMove: () => undefined },
  );
};

/** An agent that never listens. */
class Walker {
  readonly walked: Walked = { made: 0, blocked: 0, stopReason: undefined, nudges: 0, noticed: [] };
  readonly run: RunRecord;
  private readonly guard: LoopGuard;
  private nowMs = 1_750_000_000_000;

  constructor(goal: string) {
    this.run = runOf(goal);
    this.guard = new LoopGuard(this.run, {
      detection,
      monitor: createLoopMonitor(detection),
      findings: { notice: (_, one) => this.walked.noticed.push(one) },
      nowMs: () => this.nowMs,
    });
  }

  hear(stepId: string, content: string): void {
    const message = { role: "user", parts: [{ type: "text", content }] };
    this.guard.spoke({
      stepId,
      model: "m",
      messages: [message],
      toMessage: (raw) => raw as never,
      output: [],
    });
  }

  call(stepId: string, event: Extract<Event, { tool: string }>): void {
    const text = textOf(event.result);
    const call = {
      toolName: event.tool,
      argumentsText: textOf(event.args),
      callId: "c",
      tool: { traits: event.traits ?? {} },
      learned: { stepId },
    } as unknown as ToolCallUnderWay;
    const verdict = this.guard.before(call);
    if (verdict.type === "stop") this.walked.stopReason = verdict.error.reason;
    if (verdict.type === "block") this.walked.blocked += 1;
    if (verdict.type !== "go") return;
    const startMs = this.nowMs;
    this.nowMs += 100;
    this.walked.made += 1;
    const outcome = { text, error: event.error === true ? new Error(text) : undefined };
    this.guard.after(call, outcome, { startMs, endMs: this.nowMs });
  }

  pass(durationMs: number): void {
    this.nowMs += durationMs;
  }
}

function walk({ goal, events, everyMs = 2000 }: Shape): Walked {
  const walker = new Walker(goal);
  for (const [index, event] of events.entries()) {
    const stepId = `0af7651916cd43dd8448eb211c80319c.${String(index + 1).padStart(16, "0")}`;
    if ("user" in event) walker.hear(stepId, event.user);
    if ("tool" in event) walker.call(stepId, event);
    if (walker.walked.stopReason !== undefined) break;
    walker.pass(everyMs);
  }
  return { ...walker.walked, nudges: walker.run.pendingNudges().length };
}

describe("the loop guard", () => {
  it.each(Object.entries(loops).filter(([name]) => !name.includes("seventeen")))(
    "tells, blocks and stops: %s",
    (_, shape) => {
      const walked = walk(shape);
      expect(walked.nudges).toBeGreaterThan(0);
      expect(walked.made).toBeLessThan(shape.events.length);
      expect(walked.noticed[0]?.intervention).toBe("nudge");
    },
  );

  it.each(Object.entries(honestWork))("lets work be: %s", (_, shape) => {
    const { made, blocked, stopReason } = walk(shape);
    expect({ blocked, stopReason }).toEqual({ blocked: 0, stopReason: undefined });
    expect(made).toBe(shape.events.filter((event) => "tool" in event).length);
  });

  it("stops a run that does not listen after two calls that were not made", () => {
    const result = {
      goal: "Find it",
      events: Array.from({ length: 20 }, () => ({ tool: "q", args: { a: 1 }, result: "nothing" })),
    };
    expect(walk(result)).toMatchObject({ blocked: 2, stopReason: "LOOP_DETECTED" });
  });
});
