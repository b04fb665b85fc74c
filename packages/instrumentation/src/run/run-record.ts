import type { Context } from "@opentelemetry/api";
import { type Directive, initialDirective, type Limits, type Nudge } from "@plumbline/contracts";
import type { ApprovalSettings } from "../approval/approval-settings.ts";
import { RunKilledError, type RunStoppedError } from "../errors.ts";
import { emptyTally, type Tally } from "../guard/guard.ts";
import type { LoopGuard } from "../guard/loop/loop-guard.ts";
import type { NoticedEpisode } from "../guard/guard-findings.ts";
import type { Injection } from "../gate/injections.ts";
import { Heard } from "../tool/grounding/heard.ts";
import { RetryTally } from "../tool/retry-budget.ts";
import { RunLifecycle, type RunMove } from "./run-lifecycle.ts";
import { type PhaseGraph, RunPhases } from "./run-phases.ts";

/** What a run was declared with. */
export interface RunDeclaration {
  runId: string;
  agentName: string;
  goal: string;
  conversationId: string | null;
  parent: RunRecord | undefined;
  limits: Limits;
  onPause: "wait" | "exit";
  onControlLost: "continue" | "pause" | "stop";
  /** The run that takes this one up again when it is resumed itself; undefined where the application does that. */
  partOf?: string | undefined;
  /** True for a run that was recognised from its requests rather than declared by `supervise`. */
  implicit: boolean;
  /** True for a run that is announced and starts later. */
  queued?: boolean;
  /** What a person is asked about; the configuration's when undefined. */
  approvals?: ApprovalSettings | undefined;
  /** Share of a limit from which on the agent is warned; the configuration's when undefined, null for never. */
  softLimit?: number | null | undefined;
  /** The agent's own phases. */
  phases?: PhaseGraph | undefined;
}

/** What a record is made with beside what was declared. */
export interface RunBirth {
  tenantId: string;
  startedAtMs: number;
  onMove: (run: RunRecord, move: RunMove) => void;
}

/** A model or tool call under way, as far as a kill has to reach it. */
export interface OpenCall {
  abort(error: RunStoppedError): void;
}

/** A run of this process: what was declared, what the server wants of it, and what it has done so far. */
export class RunRecord {
  readonly declaration: RunDeclaration;
  readonly lifecycle: RunLifecycle;
  readonly phases: RunPhases;
  readonly tally: Tally;
  readonly children = new Set<RunRecord>();
  readonly openCalls = new Set<OpenCall>();
  /** What else ends with a kill. */
  readonly killListeners = new Set<OpenCall>();
  /** Nudges of this process's own guards. */
  private readonly ownNudges: Nudge[] = [];
  /** Nudges already given, by id. */
  readonly givenNudges = new Set<string>();
  /** Watches for loops from the first tool call on. */
  loops: LoopGuard | undefined;
  /** Set once a guard of this process stopped the run for good. */
  stopped: RunStoppedError | undefined;
  readonly retries = new RetryTally();
  /** What the run was told, for ids that come out of nowhere. */
  readonly heard = new Heard();
  /** What guards noticed, by episode. */
  readonly noticed = new Map<string, NoticedEpisode>();
  /** Messages put into the conversation, to be put there again while it goes on. */
  injections: readonly Injection[] = [];
  keptOutput: string | null = null;
  /** Last text that the model answered. */
  lastModelText = "";
  /** The previous prompt, message by message, encoded. */
  lastPrompt: readonly string[] = [];
  directive: Directive;
  /** Set once the run was killed. */
  killed: RunKilledError | undefined;
  ended = false;
  /** Where the run's own span is the parent. */
  traceContext: Context | undefined;
  traceId = "";
  spanId = "";
  lastActiveAtMs: number;
  /** Implicit runs: the last model answer asked for no tool, so nothing is owed. */
  atRest = false;
  /** Whether the pause of this generation was reported as in force. */
  pauseReported = 0;
  private readonly listeners = new Set<() => void>();
  private readonly ownLineage: readonly RunRecord[];
  private endPause: (() => void) | undefined;

  constructor(declaration: RunDeclaration, { tenantId, startedAtMs, onMove }: RunBirth) {
    const { runId, queued = false, phases } = declaration;
    this.declaration = declaration;
    this.ownLineage = [this, ...(declaration.parent?.lineage() ?? [])];
    this.directive = initialDirective(tenantId, runId);
    this.lifecycle = new RunLifecycle(runId, queued ? "queued" : "running", (move) => onMove(this, move));
    this.phases = new RunPhases(phases);
    this.heard.hear(declaration.goal);
    this.tally = emptyTally(startedAtMs);
    this.lastActiveAtMs = startedAtMs;
    declaration.parent?.children.add(this);
  }

  get runId(): string {
    return this.declaration.runId;
  }

  get agentName(): string {
    return this.declaration.agentName;
  }

  /** This run and those above it: a child obeys them all and counts towards them all. */
  lineage(): readonly RunRecord[] {
    return this.ownLineage;
  }

  /** What the run has to show so far: what it kept, else the model's last text. */
  get partialOutput(): string | null {
    return this.keptOutput ?? (this.lastModelText === "" ? null : this.lastModelText);
  }

  /** Calls under way, those of child runs included. */
  callsUnderWay(): number {
    let count = this.openCalls.size;
    for (const child of this.children) count += child.callsUnderWay();
    return count;
  }

  /** The declared limits, with the live ones on top. */
  limits(): Limits {
    return { ...this.declaration.limits, ...this.directive.limits };
  }

  /** The kill that holds for this run, its own or one above it. */
  killInForce(): RunKilledError | undefined {
    return this.lineage().find((run) => run.killed !== undefined)?.killed;
  }

  /** The stop that holds for this run, by a kill or by a guard of this process. */
  stopInForce(): RunStoppedError | undefined {
    return this.killInForce() ?? this.lineage().find((run) => run.stopped !== undefined)?.stopped;
  }

  /** Takes over a newer directive; a kill aborts every open call of this run and its children. */
  obey(directive: Directive): void {
    this.directive = directive;
    if (directive.desired !== "paused") this.showResumed();
    if (directive.desired === "killed") this.kill(directive);
    this.notify();
  }

  /** The pause of the directive is in force. */
  showPaused(): void {
    const { reason, message } = this.directive;
    this.endPause ??= this.lifecycle.hold("paused", { stopReason: reason ?? "USER_PAUSED", message });
  }

  /** Calls back at the next change of directive, once, unless the returned function is called first. */
  onceChanged(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Has the agent told of something at the next place where that is possible; false when it was before. */
  nudge(id: string, text: string): boolean {
    if (this.ownNudges.some((nudge) => nudge.id === id)) return false;
    this.ownNudges.push({ id, text });
    return true;
  }

  /** Nudges that were not given yet, the server's and our own. */
  pendingNudges(): Nudge[] {
    return [...this.directive.nudges, ...this.ownNudges].filter(({ id }) => !this.givenNudges.has(id));
  }

  notify(): void {
    const listeners = [...this.listeners];
    this.listeners.clear();
    for (const listener of listeners) listener();
    for (const child of this.children) child.notify();
  }

  private showResumed(): void {
    this.endPause?.();
    this.endPause = undefined;
  }

  private kill(directive: Directive): void {
    const { runId, reason, message, findingId } = directive;
    this.killed ??= new RunKilledError({ runId, reason: reason ?? "USER_KILLED", why: message, findingId });
    this.lifecycle.stopping({ stopReason: this.killed.reason, message });
    this.abortOpenCalls(this.killed);
  }

  private abortOpenCalls(error: RunStoppedError): void {
    for (const call of [...this.openCalls, ...this.killListeners]) call.abort(error);
    for (const child of this.children) child.abortOpenCalls(error);
  }
}
