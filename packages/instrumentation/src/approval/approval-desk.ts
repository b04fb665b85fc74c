import {
  type ApprovalDecision,
  type ApprovalRequest,
  type Clock,
  derivedId,
  eventName,
  messageOf,
} from "@plumbline/contracts";
import type { RunJournals } from "../checkpoint/run-journals.ts";
import type { Settlement } from "../checkpoint/transition.ts";
import type { AckReporter } from "../control/ack-reporter.ts";
import type { ControlChannel } from "../control/control-channel.ts";
import { RunPausedError } from "../errors.ts";
import type { EventReporter } from "../export/event-reporter.ts";
import { hearFirstWord } from "../gate/first-word.ts";
import { untilChanged } from "../gate/until-changed.ts";
import type { Notifier } from "../notify/notifier.ts";
import type { ContentPolicy } from "../observe/redact/content-policy.ts";
import type { RunRecord } from "../run/run-record.ts";
import type { RegisteredTool } from "../tool/tool.ts";
import { debugLog } from "../transport/debug-log.ts";
import { argumentsHash, defaultDecision } from "./approval-question.ts";
import type { ApprovalSettings } from "./approval-settings.ts";
import { askDecider } from "./ask-decider.ts";
import { type ReadAnswer, readDecision } from "./read-answer.ts";

/** An action that waits for a person. */
export interface Question {
  run: RunRecord;
  tool: RegisteredTool;
  settings: ApprovalSettings;
  callKey: string;
  stepId: string;
  argumentsText: string;
  input: unknown;
  /** The checkpoint of the action, when it was in flight as an earlier process of the run ended. */
  inFlightCheckpointId: string | null;
  /** Aborts when the run is stopped. */
  signal: AbortSignal;
}

export interface ApprovalDeskOptions {
  clock: Clock;
  tenantId: string;
  journals: RunJournals;
  reporter: EventReporter;
  acks: AckReporter;
  channel: ControlChannel;
  policy: ContentPolicy;
  notifier: Notifier;
}

/** How long a question whose time was over before it could be asked again waits for an answer given in time. */
const lastWordMs = 2000;
const maxActions = 20;

/**
 * Owns: asking people about an action and waiting for the answer, over restarts of this process and of the server.
 * 1. A question has one id and one deadline, whichever process asks: both follow from the journal.
 * 2. A decision holds for exactly the arguments that were asked about, and once.
 * 3. What was decided is written down before it is acted on, and acked.
 */
export class ApprovalDesk {
  private readonly options: ApprovalDeskOptions;

  constructor(options: ApprovalDeskOptions) {
    this.options = options;
  }

  /**
   * Resolves to the decision.
   * @throws RunStoppedError when the run is stopped, or paused and declared to exit; the question stays open then
   */
  async settle(question: Question): Promise<Settlement> {
    const { run } = question;
    const journal = this.options.journals.of(run);
    const approvalId = this.openId(question);
    const known = journal.approval(approvalId);
    if (known?.settlement !== undefined) {
      this.ack(question, known.settlement);
      return known.settlement;
    }
    const request = known?.request ?? this.requestFor(question, approvalId);
    if (known === undefined) await journal.approvalAsked(question.callKey, request);
    this.ask(run, request);
    const message = `${request.toolName} waits for approval ${approvalId}`;
    const goOn = run.lifecycle.hold("awaiting_approval", { stopReason: null, message });
    try {
      const settlement = await this.answerTo(question, request);
      await journal.approvalSettled(settlement);
      this.ack(question, settlement);
      this.refuseLater(run, settlement);
      return settlement;
    } finally {
      goOn();
    }
  }

  /** A question that ran out in an earlier process is asked anew, under another id. */
  private openId(question: Question): string {
    const journal = this.options.journals.of(question.run);
    for (let asked = 0; ; asked += 1) {
      const approvalId = this.idOf(question, asked);
      if (journal.approval(approvalId)?.settlement?.timedOut !== true) return approvalId;
    }
  }

  private idOf({ run, callKey, inFlightCheckpointId }: Question, asked: number): string {
    const { tenantId } = this.options;
    return derivedId("a", [tenantId, run.runId, callKey, inFlightCheckpointId ?? "", asked]);
  }

  private requestFor(question: Question, approvalId: string): ApprovalRequest {
    const { run, tool, settings, stepId, argumentsText, inFlightCheckpointId } = question;
    const { policy, clock, tenantId } = this.options;
    const wasInFlight = inFlightCheckpointId !== null;
    const requestedAtMs = clock.nowMs();
    return {
      version: 1,
      tenantId,
      runId: run.runId,
      approvalId,
      stepId,
      toolName: tool.name,
      arguments: policy.text(argumentsText) ?? "",
      argsHash: argumentsHash(argumentsText),
      reasoning: policy.text(run.lastModelText) ?? "",
      expectedOutcome: policy.text(this.expectedOutcome(question)) ?? "",
      risk: tool.action.risk,
      reversible: tool.action.isReversible,
      defaultDecision: defaultDecision(settings, tool.action, wasInFlight),
      wasInFlight,
      context: this.contextOf(run),
      requestedAtMs,
      expiresAtMs: requestedAtMs + (tool.action.approval.timeoutMs ?? settings.timeoutMs),
    };
  }

  private expectedOutcome({ tool, input }: Question): string {
    try {
      return tool.expectedOutcome?.(input) ?? tool.description ?? "";
    } catch (thrown) {
      debugLog("the expected outcome of %s can't be told: %s", tool.name, messageOf(thrown));
      return tool.description ?? "";
    }
  }

  private contextOf(run: RunRecord): ApprovalRequest["context"] {
    const { policy, journals } = this.options;
    const { steps, usd } = run.tally;
    const actions = journals.of(run).actions().slice(-maxActions);
    return {
      goal: policy.text(run.declaration.goal) ?? "",
      steps,
      usd,
      actions: actions.map(({ action, phase }) => `${action.toolName}: ${phase}`),
    };
  }

  private ask(run: RunRecord, request: ApprovalRequest): void {
    const { runId, agentName, traceId, spanId } = run;
    const { reporter, notifier } = this.options;
    reporter.report({ name: eventName.approvalRequest, runId, agentName, request }, { traceId, spanId });
    notifier.notify({ kind: "approval-requested", agentName, request });
  }

  private async answerTo(question: Question, request: ApprovalRequest): Promise<Settlement> {
    const settled = new AbortController();
    const here = askDecider(question, request, settled.signal);
    const { run } = question;
    const refused = new Set<ApprovalDecision>();
    try {
      if (this.leftMs(request) <= 0) await this.lastWord(run);
      for (;;) {
        question.signal.throwIfAborted();
        const seen = run.directive;
        const answer = (await this.answerOfServer(question, request, refused)) ?? here.answer;
        if (answer !== undefined) return answer;
        if (this.leftMs(request) <= 0) return this.silence(request);
        this.exitWhenPaused(run);
        // Reading an answer takes a moment, in which the next one may have come.
        if (run.directive !== seen) continue;
        const changed = untilChanged(run, this.options.clock, {
          timeoutMs: this.leftMs(request),
          signal: AbortSignal.any([question.signal, settled.signal]),
        });
        await Promise.race([changed, here.given]);
      }
    } finally {
      settled.abort(new Error("The question is settled."));
    }
  }

  private leftMs({ expiresAtMs }: ApprovalRequest): number {
    return expiresAtMs - this.options.clock.nowMs();
  }

  /** An answer that was given in time may wait at the server for a process that was away. */
  private async lastWord(run: RunRecord): Promise<void> {
    const { channel, clock } = this.options;
    await hearFirstWord(channel.firstWord(run.runId), clock, lastWordMs);
  }

  private exitWhenPaused(run: RunRecord): void {
    const paused = run.lineage().find((one) => one.directive.desired === "paused");
    if (paused === undefined || run.declaration.onPause !== "exit") return;
    const { reason, message: why, findingId } = paused.directive;
    throw new RunPausedError({ runId: run.runId, reason: reason ?? "USER_PAUSED", why, findingId });
  }

  private silence({ approvalId, defaultDecision: byDefault }: ApprovalRequest): Settlement {
    const decision = byDefault === "approve" ? "approved" : "denied";
    return {
      approvalId,
      decision,
      by: "nobody",
      editedArguments: null,
      message: "nobody answered in time",
      timedOut: true,
    };
  }

  private async answerOfServer(
    question: Question,
    request: ApprovalRequest,
    refused: Set<ApprovalDecision>,
  ): Promise<Settlement | undefined> {
    const decision = question.run.directive.approvals[request.approvalId];
    if (decision === undefined || refused.has(decision)) return undefined;
    const read = await readDecision(decision, request, question.tool);
    if (read.type === "settlement") return read.settlement;
    refused.add(decision);
    this.refuse(question.run, request.approvalId, read);
    return undefined;
  }

  private refuse(
    run: RunRecord,
    approvalId: string,
    { phase, why }: Exclude<ReadAnswer, { type: "settlement" }>,
  ): void {
    this.options.acks.ack(run, {
      generation: run.directive.generation,
      phase,
      subject: { kind: "approval", approvalId },
      detail: why,
      stepId: null,
    });
  }

  private ack({ run, stepId }: Question, settlement: Settlement): void {
    const { approvalId, decision, by, timedOut } = settlement;
    this.options.acks.ack(run, {
      generation: run.directive.generation,
      phase: timedOut ? "expired" : "applied",
      subject: { kind: "approval", approvalId },
      detail: timedOut ? `nobody answered in time: ${decision}` : `${decision} by ${by}`,
      stepId,
    });
  }

  /** Answers that come after the question was settled are acked as expired, as long as this process has the run. */
  private refuseLater(run: RunRecord, settlement: Settlement): void {
    const { approvalId } = settlement;
    const used = run.directive.approvals[approvalId];
    const told = new Set<string>([JSON.stringify(used)]);
    const look = (): void => {
      const decision = run.directive.approvals[approvalId];
      const text = JSON.stringify(decision);
      if (decision !== undefined && !told.has(text)) {
        told.add(text);
        const why = `it was settled before: ${settlement.decision} by ${settlement.by}`;
        this.refuse(run, approvalId, { type: "refusal", phase: "expired", why });
      }
      if (!run.ended) run.onceChanged(look);
    };
    run.onceChanged(look);
  }
}
