import type { Context } from "@opentelemetry/api";
import { genAi, identifyRun, instrumentationScopeName, plumblineAttribute } from "@plumbline/contracts";
import { processRuntime } from "../../process-environment.ts";
import { currentRun } from "../../run/run-context.ts";
import type { RunRecord } from "../../run/run-record.ts";
import type { Runtime } from "../../runtime.ts";
import { encodeSdkSpan } from "./encode-sdk-span.ts";
import { type ForeignStep, reportForeignEnd, reportForeignStart, stepKindOf } from "./foreign-step.ts";
import { type SdkSpan, scopeOf, textAt } from "./readable-span.ts";

export interface PlumblineSpanProcessorOptions {
  /** `false` when another exporter of the application sends its spans to Plumbline already. Default: true. */
  export?: boolean;
}

const flushMs = 5000;

/**
 * For applications with their own OpenTelemetry SDK (JS 2.x and 3.x): names the run on every span that belongs to
 * one, sends the spans, and reports the model and tool spans of other instrumentations as steps. A span processor is
 * asked before a call and can't wait: a killed run and a run over budget are stopped by throwing where the
 * instrumentation starts its span; a pause holds only where the run was declared to exit.
 */
export class PlumblineSpanProcessor {
  private readonly exports: boolean;
  private readonly steps = new WeakMap<object, { run: RunRecord; step: ForeignStep }>();

  constructor(options: PlumblineSpanProcessorOptions = {}) {
    this.exports = options.export ?? true;
  }

  onStart(span: SdkSpan, _parentContext: Context): void {
    const runtime = processRuntime();
    const isOurs = scopeOf(span).name === instrumentationScopeName;
    if (isOurs) return;
    const run = currentRun() ?? conversationRun(runtime, span);
    if (run === undefined) return;
    if (span.attributes[plumblineAttribute.runId] === undefined)
      span.setAttribute?.(plumblineAttribute.runId, run.runId);
    const kind = stepKindOf(span);
    if (kind === undefined || (kind === "model" ? runtime.observesClients : runtime.observesTools)) return;
    this.begin(runtime, run, { span, kind });
  }

  onEnd(span: SdkSpan): void {
    const runtime = processRuntime();
    const begun = this.steps.get(span);
    if (begun !== undefined) reportForeignEnd(runtime, begun.run, begun.step);
    if (this.exports) runtime.spans.add(encodeSdkSpan(span, runtime.policy));
  }

  forceFlush(): Promise<void> {
    return processRuntime().flush(flushMs);
  }

  shutdown(): Promise<void> {
    return processRuntime().flush(flushMs);
  }

  private begin(runtime: Runtime, run: RunRecord, step: ForeignStep): void {
    const { span, kind } = step;
    const name = textAt(span, genAi.requestModel) ?? textAt(span, genAi.toolName) ?? span.name;
    const provider = textAt(span, genAi.providerName) ?? "";
    runtime.gate.passNow(
      run,
      kind === "model" ? { kind, model: name, provider, inputTokens: 0 } : { kind, toolName: name },
    );
    runtime.count(run, kind === "model" ? { steps: 1, modelCalls: 1 } : { steps: 1, toolCalls: 1 });
    runtime.runs.touch(run, runtime.clock.nowMs());
    this.steps.set(span, { run, step });
    reportForeignStart(runtime, run, step);
  }
}

/** Outside `supervise` a span names its run by its conversation; without one the server finds out. */
function conversationRun(runtime: Runtime, span: SdkSpan): RunRecord | undefined {
  const conversationId = span.attributes[genAi.conversationId];
  if (typeof conversationId !== "string" || conversationId === "") return undefined;
  const identity = identifyRun({ tenantId: runtime.settings.tenantId, conversationId });
  if (identity === undefined) return undefined;
  const known = runtime.runs.get(identity.runId);
  if (known !== undefined) return known;
  const { budget: limits, onPause, onControlLost, service } = runtime.settings;
  const agent = span.attributes[genAi.agentName];
  const agentName = typeof agent === "string" ? agent : service;
  const run = runtime.startRun({
    runId: identity.runId,
    agentName,
    goal: "",
    conversationId,
    parent: undefined,
    limits,
    onPause,
    onControlLost,
    implicit: true,
  });
  runtime.reportStart(run);
  return run;
}
