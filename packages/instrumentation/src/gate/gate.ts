import type { Clock } from "@plumbline/contracts";
import type { AckReporter } from "../control/ack-reporter.ts";
import type { ControlChannel } from "../control/control-channel.ts";
import type { Settings } from "../config/config.ts";
import { ControlLostError, RunPausedError, type RunStoppedError, type StopDetails } from "../errors.ts";
import type { ModelPrices, PricedUsage } from "../guard/budget/model-prices.ts";
import type { GuardNotice, ProposedCall } from "../guard/guard.ts";
import { guards } from "../guard/guards.ts";
import { hearFirstWord } from "./first-word.ts";
import { untilChanged } from "./until-changed.ts";
import type { RunRecord } from "../run/run-record.ts";

export interface GateOptions {
  clock: Clock;
  settings: Settings;
  channel: ControlChannel;
  acks: AckReporter;
  prices: ModelPrices;
  /** Finishes what earlier calls have left for later: what came of them decides on this one. */
  settleAfterwards: () => void;
  /** A guard lets a call pass and has something to say. */
  onNotice: (run: RunRecord, guard: string, notice: GuardNotice) => void;
}

/** The point before every model call, HTTP attempt and tool call where a run obeys its directive and its guards. */
export interface Gate {
  /**
   * Resolves when the call may be made; undefined says so at once.
   * @throws RunStoppedError (killed, paused and declared to exit, over budget, control lost), or the reason of `signal`
   */
  pass(run: RunRecord, call: ProposedCall, signal?: AbortSignal): Promise<void> | undefined;
  /** The same before a repeated attempt of a call that passed: directives count, guards were asked already. */
  passAgain(run: RunRecord, signal?: AbortSignal): Promise<void> | undefined;
  /**
   * The same where nobody can wait: a pause stops only a run that was declared to exit.
   * @throws RunStoppedError
   */
  passNow(run: RunRecord, call: ProposedCall): void;
  /** To be called when a call of the run ended: a pause is in force once nothing is under way. */
  settle(run: RunRecord): void;
}

type Decision =
  | { type: "pass" }
  | { type: "stop"; error: RunStoppedError }
  | { type: "hold"; why: StopDetails };

const directiveSubject = { kind: "directive" } as const;

/** Null is a declaration too: never. */
const softLimitOf = ({ declaration: { softLimit } }: RunRecord, settings: Settings): number | null =>
  softLimit === undefined ? settings.softLimit : softLimit;

class RunGate implements Gate {
  private readonly options: GateOptions;

  constructor(options: GateOptions) {
    this.options = options;
  }

  pass(run: RunRecord, call: ProposedCall, signal?: AbortSignal): Promise<void> | undefined {
    const word = run.directive.generation === 0 ? this.options.channel.firstWord(run.runId) : undefined;
    if (word === undefined) {
      const decision = this.decide(run, call);
      if (decision.type === "pass") return undefined;
      return this.wait(run, { call, signal });
    }
    const { clock, settings } = this.options;
    return hearFirstWord(word, clock, settings.firstDirectiveWaitMs).then(() =>
      this.wait(run, { call, signal }),
    );
  }

  passAgain(run: RunRecord, signal?: AbortSignal): Promise<void> | undefined {
    return this.decide(run, undefined).type === "pass"
      ? undefined
      : this.wait(run, { call: undefined, signal });
  }

  passNow(run: RunRecord, call: ProposedCall): void {
    const decision = this.decide(run, call);
    if (decision.type === "stop") throw decision.error;
    if (decision.type === "hold" && run.declaration.onPause === "exit")
      throw new RunPausedError(decision.why);
  }

  settle(run: RunRecord): void {
    for (const one of run.lineage()) {
      if (one.directive.desired === "paused" && one.callsUnderWay() === 0) this.reportPause(one);
    }
  }

  private decide(run: RunRecord, call: ProposedCall | undefined): Decision {
    this.options.settleAfterwards();
    const stopped = run.stopInForce();
    if (stopped !== undefined) return { type: "stop", error: stopped };
    const held = this.heldBy(run);
    if (held !== undefined) return held;
    if (call === undefined) return { type: "pass" };
    const decision = this.askGuards(run, call);
    if (decision.type === "pass") call.onPass?.();
    return decision;
  }

  private heldBy(run: RunRecord): Decision | undefined {
    const paused = run.lineage().find((one) => one.directive.desired === "paused");
    if (paused !== undefined) {
      const { reason, message, findingId } = paused.directive;
      return {
        type: "hold",
        why: { runId: run.runId, reason: reason ?? "USER_PAUSED", why: message, findingId },
      };
    }
    const policy = run.declaration.onControlLost;
    if (policy === "continue" || !this.leaseIsOver()) return undefined;
    if (policy === "stop") return { type: "stop", error: new ControlLostError(run.runId) };
    const why = "the control channel is lost";
    return { type: "hold", why: { runId: run.runId, reason: "CONTROL_LOST", why, findingId: null } };
  }

  private leaseIsOver(): boolean {
    const { channel, clock, settings } = this.options;
    const since = channel.lostSinceMs();
    return since !== null && clock.nowMs() - since > settings.controlLeaseMs;
  }

  private askGuards(run: RunRecord, call: ProposedCall): Decision {
    const { prices, settings, clock } = this.options;
    if (settings.guards === "off") return { type: "pass" };
    const nowMs = clock.nowMs();
    for (const one of run.lineage()) {
      const limits = one.limits();
      if (limits.usd !== undefined) prices.loadInBackground();
      const view = {
        runId: one.runId,
        limits,
        softLimit: softLimitOf(one, settings),
        tally: one.tally,
        nowMs,
        priceOf: (model: string, usage: PricedUsage) => prices.priceOf(model, usage),
      };
      for (const guard of guards) {
        const verdict = guard.beforeCall(view, call);
        if (verdict.verdict === "deny") return { type: "stop", error: verdict.error };
        for (const notice of guard.noticesBefore(view, call)) this.options.onNotice(one, guard.name, notice);
      }
    }
    return { type: "pass" };
  }

  private async wait(
    run: RunRecord,
    waiting: { call: ProposedCall | undefined; signal: AbortSignal | undefined },
  ): Promise<void> {
    const { clock, settings } = this.options;
    const untilMs = clock.nowMs() + settings.unattendedPauseMs;
    let goOn: (() => void) | undefined;
    for (;;) {
      const why = this.holdOf(run, waiting, goOn);
      if (why === undefined) return;
      this.settle(run);
      goOn ??= this.showHeld(run, why);
      const leftMs = untilMs - clock.nowMs();
      if (run.declaration.onPause === "exit" || leftMs <= 0) throw new RunPausedError(why);
      await untilChanged(run, clock, { timeoutMs: leftMs, signal: waiting.signal });
    }
  }

  /** Why the call has to wait on; undefined when it may go out. Whatever else follows, its wait is over. */
  private holdOf(
    run: RunRecord,
    { call, signal }: { call: ProposedCall | undefined; signal: AbortSignal | undefined },
    goOn: (() => void) | undefined,
  ): StopDetails | undefined {
    const decision = this.decide(run, call);
    if (decision.type === "hold" && signal?.aborted !== true) return decision.why;
    goOn?.();
    signal?.throwIfAborted();
    if (decision.type === "stop") throw decision.error;
    return undefined;
  }

  /** A run with a call still under way is not paused yet. */
  private showHeld(
    run: RunRecord,
    { reason: stopReason, why: message }: StopDetails,
  ): (() => void) | undefined {
    return run.callsUnderWay() > 0 ? undefined : run.lifecycle.hold("paused", { stopReason, message });
  }

  private reportPause(run: RunRecord): void {
    const { generation } = run.directive;
    run.showPaused();
    if (run.pauseReported === generation) return;
    run.pauseReported = generation;
    const detail = "nothing is under way";
    this.options.acks.ack(run, {
      generation,
      phase: "applied",
      subject: directiveSubject,
      detail,
      stepId: null,
    });
  }
}

export function createGate(options: GateOptions): Gate {
  return new RunGate(options);
}
