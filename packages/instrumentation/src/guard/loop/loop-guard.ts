import {
  type Finding,
  findingKinds,
  type Message,
  type Step,
  stopReasonOfFinding,
} from "@plumbline/contracts";
import type { Monitor, MonitorInput, RunState } from "@plumbline/detection";
import { LoopDetectedError, type RunStoppedError } from "../../errors.ts";
import type { RunRecord } from "../../run/run-record.ts";
import type { ToolCallUnderWay, ToolOutcome } from "../../tool/tool-stage.ts";
import type { GuardFindings } from "../guard-findings.ts";
import type { Detection } from "../load-detection.ts";
import { modelStepOf, type StepPlace, toolStepOf } from "./call-step.ts";
import { Recent } from "./recent-calls.ts";

/** Kinds that are cheap to tell, and that repetition alone can tell. */
const watchedKinds: ReadonlySet<string> = new Set([
  "exact-loop",
  "semantic-loop",
  "no-progress",
  "retry-storm",
]);
/** Calls of a loop that are answered without being made before the run is stopped. */
const blockedCallsBeforeStop = 2;
/** Steps that wait until there is something to suspect; older ones are forgotten. */
const mostWaiting = 64;

export type LoopVerdict =
  | { type: "go" }
  | { type: "block"; text: string }
  | { type: "stop"; error: RunStoppedError };

/** A loop that the run was told of and that goes on as long as nothing new comes. */
interface HeldLoop {
  finding: Finding;
  names: ReadonlySet<string>;
  /** Null: the calls differ in their words only, so the tools themselves are held. */
  calls: ReadonlySet<string> | null;
  blocking: boolean;
  blocked: number;
}

export interface LoopGuardParts {
  detection: Detection;
  monitor: Monitor<RunState>;
  findings: GuardFindings;
  nowMs: () => number;
}

/** Monitor with the analyzer's rules for what this guard watches, and nothing else. */
export function createLoopMonitor({ createMonitor, createPolicy }: Detection): Monitor<RunState> {
  const others = findingKinds.filter((kind) => !watchedKinds.has(kind));
  const detectors = Object.fromEntries(others.map((kind) => [kind, { enabled: false }]));
  return createMonitor(createPolicy({ profile: "enforce", detectors }));
}

/**
 * Owns: one run's loops, told by the analyzer's rules on the steps of this process. First the agent is told, then the
 * repeated call is answered without being made, then the run is stopped. Anything new ends it.
 */
export class LoopGuard {
  private readonly run: RunRecord;
  private readonly parts: LoopGuardParts;
  private readonly recent = new Recent();
  private readonly held = new Map<string, HeldLoop>();
  private readonly heardMessages = new WeakSet();
  private state: RunState;
  private waiting: (() => Step)[] = [];
  private sequence = 0;
  private generation = 0;

  constructor(run: RunRecord, parts: LoopGuardParts) {
    const { tenantId } = run.directive;
    const { runId, agentName } = run;
    this.run = run;
    this.parts = parts;
    this.state = parts.monitor.begin({ tenantId, runId, agentName });
    const { goal } = run.declaration;
    this.tell({ type: "run-start", goal, limits: {}, hasGate: true, atMs: run.tally.startedAtMs });
  }

  /** Whether a call may be made. */
  before({ toolName, argumentsText }: ToolCallUnderWay): LoopVerdict {
    this.follow();
    if (this.held.size === 0) return { type: "go" };
    const key = keyOf(toolName, argumentsText);
    const loop = [...this.held.values()].find(
      ({ blocking, names, calls }) => blocking && (calls === null ? names.has(toolName) : calls.has(key)),
    );
    return loop === undefined ? { type: "go" } : this.hold(loop);
  }

  /** A call was made; what it brought decides whether the next one may be. */
  after(call: ToolCallUnderWay, outcome: ToolOutcome, times: Pick<StepPlace, "startMs" | "endMs">): void {
    const { run, parts } = this;
    const place = { run, sequence: this.nextSequence(), ...times };
    const key = keyOf(call.toolName, call.argumentsText);
    const isSuspect = this.recent.add({
      stepId: call.learned.stepId,
      name: call.toolName,
      key,
      failed: outcome.error !== undefined,
    });
    this.wait(() => toolStepOf(place, { call, outcome }, parts.detection));
    if (isSuspect || this.held.size > 0) this.catchUp();
  }

  /** The model was asked and answered; messages that were there before count once. */
  spoke(said: {
    stepId: string;
    model: string;
    messages: readonly unknown[];
    toMessage: (raw: unknown) => Message;
    output: Message[];
  }): void {
    const fresh = said.messages.filter((raw): raw is object => this.isFresh(raw));
    const heard = fresh.map((raw) => said.toMessage(raw)).filter(({ role }) => role === "user");
    const atMs = this.parts.nowMs();
    const place = { run: this.run, sequence: this.nextSequence(), startMs: atMs, endMs: atMs };
    this.wait(() => modelStepOf(place, { ...said, heard }));
  }

  private isFresh(raw: unknown): boolean {
    if (typeof raw !== "object" || raw === null || this.heardMessages.has(raw)) return false;
    this.heardMessages.add(raw);
    return true;
  }

  private nextSequence(): number {
    this.sequence += 1;
    return this.sequence;
  }

  private wait(step: () => Step): void {
    this.waiting.push(step);
    if (this.waiting.length > mostWaiting) this.waiting.shift();
  }

  /** A person's resume is a fresh start. */
  private follow(): void {
    const { directive } = this.run;
    if (directive.generation === this.generation) return;
    const { desired } = this.state;
    this.generation = directive.generation;
    this.catchUp();
    this.tell({ type: "directive", directive, atMs: this.parts.nowMs() });
    if (desired === "paused" && directive.desired === "running") this.held.clear();
  }

  private catchUp(): void {
    const { waiting } = this;
    this.waiting = [];
    for (const step of waiting) this.tell({ type: "step", step: step() });
    if (!this.parts.monitor.progressOf(this.state).stuck) this.held.clear();
  }

  private tell(input: MonitorInput): void {
    const { monitor, detection } = this.parts;
    const change = monitor.next(this.state, input);
    this.state = change.state;
    for (const output of change.outputs) {
      if (output.type === "finding") this.found(output.finding);
      else if (output.type === "command" && output.command.verb === "nudge")
        this.tell({ type: "ack", ack: detection.promptAckOf(output.command) });
    }
  }

  private found(finding: Finding): void {
    if (finding.intervention === "observe") return;
    const { findingId, kind, summary, evidence } = finding;
    const known = this.held.get(findingId);
    // A certain loop is told of once and then held; a likely one is held when it goes on after that.
    const blocking = finding.intervention === "pause" || finding.intervention === "kill";
    this.held.set(findingId, { ...this.shapeOf(finding), blocking, blocked: known?.blocked ?? 0 });
    this.run.nudge(findingId, `${summary} Nothing new came of it. ${advice}`);
    const steps = evidence.map(({ stepId, name }) => ({ stepId, name }));
    this.notice({ kind, signature: findingId, summary, steps }, "nudge", finding.confidence);
  }

  private shapeOf(finding: Finding): Pick<HeldLoop, "finding" | "names" | "calls"> {
    const calls = finding.evidence.flatMap(({ stepId }) => this.recent.find(stepId) ?? []);
    const keys = new Set(calls.map(({ key }) => key));
    const repeatsExactly = keys.size < calls.length;
    const names = new Set(finding.evidence.map(({ name }) => name));
    return { finding, names, calls: repeatsExactly ? keys : null };
  }

  private hold(loop: HeldLoop): LoopVerdict {
    const { kind, summary, findingId, confidence } = loop.finding;
    loop.blocked += 1;
    if (loop.blocked <= blockedCallsBeforeStop)
      return {
        type: "block",
        text: `Error: The call was not made. ${summary} Nothing new came of it. ${advice}`,
      };
    this.notice({ kind, signature: findingId, summary, steps: [] }, "kill", confidence);
    const reason = stopReasonOfFinding[kind] ?? "LOOP_DETECTED";
    return {
      type: "stop",
      error: new LoopDetectedError(this.run.runId, { reason, why: summary, findingId }),
    };
  }

  private notice(
    what: Pick<Parameters<GuardFindings["notice"]>[1], "kind" | "signature" | "summary" | "steps">,
    intervention: "nudge" | "kill",
    confidence: number,
  ): void {
    this.parts.findings.notice(this.run, { ...what, guard: "loop", intervention, confidence });
  }
}

const advice = "Say what you know so far, then take another way to the goal, or report what is missing.";

/** Two spellings of the same arguments count as two calls here: the rules behind see through that. */
const keyOf = (toolName: string, argumentsText: string): string => `${toolName}\n${argumentsText}`;
