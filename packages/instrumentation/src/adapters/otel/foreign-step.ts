import {
  type AgentEventOf,
  eventName,
  genAi,
  type Message,
  messageSchema,
  otel,
  type ReportedError,
  type Usage,
} from "@plumbline/contracts";
import { z } from "zod";
import type { RunRecord } from "../../run/run-record.ts";
import type { Runtime } from "../../runtime.ts";
import { hrTimeToMs, parentSpanIdOf, type SdkSpan, textAt } from "./readable-span.ts";

type Kind = "model" | "tool";
type StepStart = AgentEventOf<typeof eventName.stepStart>["step"];
type StepEnd = AgentEventOf<typeof eventName.stepEnd>["step"];

/** A step and the span that another instrumentation made for it. */
export interface ForeignStep {
  span: SdkSpan;
  kind: Kind;
}

const kinds: Readonly<Record<string, Kind>> = {
  chat: "model",
  text_completion: "model",
  generate_content: "model",
  execute_tool: "tool",
};
const messagesSchema = z.array(messageSchema);

/** Whether a span of another instrumentation is a step by the GenAI conventions. */
export function stepKindOf(span: SdkSpan): Kind | undefined {
  const operation = span.attributes[genAi.operationName];
  return typeof operation === "string" ? kinds[operation] : undefined;
}

const countAt = (span: SdkSpan, name: string): number => {
  const value = span.attributes[name];
  return typeof value === "number" && value > 0 ? Math.floor(value) : 0;
};

function messagesAt(runtime: Runtime, span: SdkSpan, name: string): Message[] | null {
  const text = textAt(span, name);
  if (text === null || runtime.policy.text("") === null) return null;
  try {
    return messagesSchema.parse(JSON.parse(text)).map((message) => runtime.policy.message(message));
  } catch {
    return null;
  }
}

const redacted = (runtime: Runtime, text: string | null): string | null =>
  text === null ? null : runtime.policy.text(text);

function startOf(runtime: Runtime, span: SdkSpan, kind: Kind): StepStart {
  if (kind === "tool") {
    const toolName = textAt(span, genAi.toolName) ?? span.name;
    const args = redacted(runtime, textAt(span, genAi.toolCallArguments));
    return { kind, toolName, callId: textAt(span, genAi.toolCallId), arguments: args, traits: {} };
  }
  const inputMessages = messagesAt(runtime, span, genAi.inputMessages) ?? [];
  return {
    kind,
    provider: textAt(span, genAi.providerName) ?? "",
    requestModel: textAt(span, genAi.requestModel) ?? "",
    systemInstructions: redacted(runtime, textAt(span, genAi.systemInstructions)),
    inputMessages,
    inputOffset: 0,
    inputMessageCount: inputMessages.length,
  };
}

function usageOf(span: SdkSpan): Usage | null {
  if (span.attributes[genAi.usageInputTokens] === undefined) return null;
  return {
    inputTokens: countAt(span, genAi.usageInputTokens),
    outputTokens: countAt(span, genAi.usageOutputTokens),
    cachedInputTokens: countAt(span, genAi.usageCachedInputTokens),
    reasoningOutputTokens: countAt(span, genAi.usageReasoningOutputTokens),
    estimated: false,
  };
}

function endOf(runtime: Runtime, span: SdkSpan, kind: Kind): StepEnd {
  if (kind === "tool") {
    const toolName = textAt(span, genAi.toolName) ?? span.name;
    return {
      kind,
      toolName,
      callId: textAt(span, genAi.toolCallId),
      result: redacted(runtime, textAt(span, genAi.toolCallResult)),
    };
  }
  const reasons = span.attributes[genAi.responseFinishReasons];
  return {
    kind,
    provider: textAt(span, genAi.providerName) ?? "",
    requestModel: textAt(span, genAi.requestModel) ?? "",
    responseModel: textAt(span, genAi.responseModel),
    responseId: textAt(span, genAi.responseId),
    output: messagesAt(runtime, span, genAi.outputMessages),
    finishReasons: Array.isArray(reasons) ? reasons.filter((reason) => typeof reason === "string") : [],
    usage: usageOf(span),
  };
}

function errorOf(runtime: Runtime, span: SdkSpan): ReportedError | null {
  const isError = span.status.code === 2;
  if (!isError) return null;
  return { type: textAt(span, otel.errorType), message: runtime.policy.error(span.status.message ?? "") };
}

/** Reports the start of a step that another instrumentation observes. */
export function reportForeignStart(runtime: Runtime, run: RunRecord, { span, kind }: ForeignStep): void {
  const { runId, agentName } = run;
  const common = {
    runId,
    agentName,
    parentSpanId: parentSpanIdOf(span),
    startMs: hrTimeToMs(span.startTime),
  };
  runtime.reporter.report(
    { name: eventName.stepStart, ...common, step: startOf(runtime, span, kind) },
    span.spanContext(),
  );
}

/** Reports its end, and counts what it used. */
export function reportForeignEnd(runtime: Runtime, run: RunRecord, { span, kind }: ForeignStep): void {
  const { runId, agentName } = run;
  const [startMs, endMs] = [hrTimeToMs(span.startTime), hrTimeToMs(span.endTime)];
  const end = endOf(runtime, span, kind);
  runtime.reporter.report(
    {
      name: eventName.stepEnd,
      runId,
      agentName,
      parentSpanId: parentSpanIdOf(span),
      startMs,
      endMs,
      error: errorOf(runtime, span),
      step: end,
    },
    span.spanContext(),
  );
  if (end.kind === "tool" || end.usage === null) return;
  const { inputTokens, outputTokens, cachedInputTokens } = end.usage;
  runtime.count(run, {
    inputTokens,
    outputTokens,
    cachedInputTokens,
    usd: runtime.prices.priceOf(end.requestModel, end.usage) ?? 0,
  });
}
