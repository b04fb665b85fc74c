import {
  type AgentEventOf,
  type Clock,
  eventName,
  genAi,
  type Message,
  messageOf,
  otel,
  plumblineAttribute,
  type ReportedError,
  stepIdOf,
} from "@plumbline/contracts";
import { runStoppedIn } from "../errors.ts";
import type { EventReporter } from "../export/event-reporter.ts";
import type { SpanAttributes } from "../export/otlp-json.ts";
import type { RunRecord } from "../run/run-record.ts";
import type { ModelAnswer, ModelQuestion } from "./model-call.ts";
import type { Fingerprinter, Fingerprints, ModelFacts, ToolFacts } from "./fingerprints/fingerprinter.ts";
import { answerAttributes } from "./answer-attributes.ts";
import { questionAttributes } from "./question-attributes.ts";
import { commonPrefix, type EncodedMessage, jsonListWithin } from "./prompt-encoder.ts";
import type { ContentPolicy } from "./redact/content-policy.ts";
import { type ToolEnd, toolEndAttributes, type ToolStart, toolStartAttributes } from "./tool-attributes.ts";
import { madeAttributes, type OpenSpan, type Tracing } from "./tracing.ts";

export interface StepReporterOptions {
  clock: Clock;
  reporter: EventReporter;
  tracing: Tracing;
  policy: ContentPolicy;
  fingerprints: Fingerprints;
  maxContentCharacters: number;
}

/** A step under way. Ending it twice counts once. */
export interface OpenStep<End> {
  stepId: string;
  span: OpenSpan;
  end(end: End, error: unknown): void;
}

type StepStart = AgentEventOf<typeof eventName.stepStart>["step"];
type StepEnd = AgentEventOf<typeof eventName.stepEnd>["step"];

/** The error's own name where it has one, or the status of the answer. */
function errorType(thrown: unknown): string {
  if (!(thrown instanceof Error)) return "_OTHER";
  const { status } = thrown as { status?: unknown };
  return typeof status === "number" ? String(status) : thrown.constructor.name;
}

function runAttributes(run: RunRecord | undefined): SpanAttributes {
  if (run === undefined) return {};
  const { runId, agentName, declaration } = run;
  return {
    [plumblineAttribute.runId]: runId,
    [genAi.agentName]: agentName,
    ...(declaration.conversationId === null ? {} : { [genAi.conversationId]: declaration.conversationId }),
  };
}

/** Where a step stands, as its events say it. */
function placeOf({ runId, agentName }: RunRecord, { startMs, span: { parentSpanId } }: Opened) {
  return { runId, agentName, parentSpanId, startMs };
}

const startBase = (run: RunRecord, step: Opened) =>
  ({ ...placeOf(run, step), name: eventName.stepStart }) as const;

/** What is told of a tool call that begins. It holds on to nothing of its run: it may wait long for a receiver. */
function toolStart(tool: ToolStart, ofRun: SpanAttributes, policy: ContentPolicy) {
  const { toolName, callId, traits } = tool;
  const shown = (): string | null => policy.text(tool.arguments);
  return {
    attributes: (): SpanAttributes => ({ ...toolStartAttributes(tool, shown()), ...ofRun }),
    start: (): StepStart => ({ kind: "tool", toolName, callId, arguments: shown(), traits }),
  };
}

const withStart = (base: ReturnType<typeof startBase>, start: () => StepStart) => () => ({
  ...base,
  step: start(),
});

/** Tells of model and tool calls on both channels: a span for viewing, start and end events for deciding. */
export class StepReporter {
  private readonly options: StepReporterOptions;

  constructor(options: StepReporterOptions) {
    this.options = options;
  }

  /** Begins a model step; `prompt` is encoded already. A run that is undefined gets a span and no events. */
  startModel(
    run: RunRecord | undefined,
    question: ModelQuestion,
    prompt: readonly EncodedMessage[],
  ): OpenStep<ModelAnswer> {
    const jsons = prompt.map((message) => message.json);
    const { policy, maxContentCharacters } = this.options;
    const showsContent = policy.text("") !== null;
    const system = question.systemInstructions === null ? null : policy.text(question.systemInstructions);
    const attributes: SpanAttributes = {
      ...questionAttributes(question, system),
      ...(showsContent && question.operation === "chat"
        ? { [genAi.inputMessages]: jsonListWithin(jsons, maxContentCharacters) }
        : {}),
      ...runAttributes(run),
    };
    const name = `${question.operation} ${question.model}`;
    const step = this.open(run, { name, kind: 3 as const, attributes: madeAttributes(attributes) });
    const { provider, model: requestModel } = question;
    let heard: Message[] = [];
    if (run !== undefined && question.operation === "chat") {
      const inputOffset = commonPrefix(run.lastPrompt, jsons);
      run.lastPrompt = jsons;
      heard = prompt.slice(inputOffset).flatMap(({ original }) => original ?? []);
      const inputMessages = showsContent ? prompt.slice(inputOffset).map(({ message }) => message) : [];
      this.reportStart(run, step, {
        kind: "model",
        provider,
        requestModel,
        systemInstructions: system,
        inputMessages,
        inputOffset,
        inputMessageCount: prompt.length,
      });
    }
    return this.closable(step, (answer, error) =>
      this.endModel(run, { step, question, heard }, { answer, error }),
    );
  }

  /** Begins a tool step. What is told of it is made when it is sent: nothing that it is made of changes any more. */
  startTool(run: RunRecord, tool: ToolStart): OpenStep<ToolEnd> {
    const { policy, reporter } = this.options;
    const { attributes, start } = toolStart(tool, runAttributes(run), policy);
    const step = this.open(run, { name: `execute_tool ${tool.toolName}`, kind: 1 as const, attributes });
    reporter.reportLater(eventName.stepStart, withStart(startBase(run, step), start), step.span);
    return this.closable(step, (end, error) => this.endTool(run, { step, tool }, { end, error }));
  }

  private endTool(
    run: RunRecord,
    { step, tool }: { step: Opened; tool: ToolStart },
    { end, error }: { end: ToolEnd; error: unknown },
  ): void {
    const { policy, clock, fingerprints, reporter } = this.options;
    const shown = (): string | null => (end.result === null ? null : policy.text(end.result));
    const ofError = this.errorAttributes(error);
    const base = this.endBase(run, step, error);
    step.span.end({
      endMs: clock.nowMs(),
      attributes: () => ({ ...ofError, ...toolEndAttributes(end, shown()) }),
      errorMessage: base.error?.message ?? null,
    });
    const { toolName, callId, traits } = tool;
    const facts: ToolFacts = {
      name: toolName,
      arguments: tool.arguments,
      result: end.result,
      traits,
      error: error === undefined ? null : { type: errorType(error), message: messageOf(error) },
    };
    fingerprints.use((made) => {
      const told = (): StepEnd => ({
        kind: "tool",
        toolName,
        callId,
        result: shown(),
        ...(made === null ? {} : { fingerprint: made.tool(facts) }),
      });
      reporter.reportLater(eventName.stepEnd, () => ({ ...base, step: told() }), step.span);
    });
  }

  private endModel(
    run: RunRecord | undefined,
    call: { step: Opened; question: ModelQuestion; heard: Message[] },
    outcome: { answer: ModelAnswer; error: unknown },
  ): void {
    const { policy, clock } = this.options;
    const { answer, error } = outcome;
    const output = answer.output.map((message) => policy.message(message));
    const silent = policy.text("") === null;
    const attributes: SpanAttributes = {
      ...answerAttributes(answer),
      ...this.errorAttributes(error),
      ...(silent || output.length === 0 ? {} : { [genAi.outputMessages]: JSON.stringify(output) }),
    };
    call.step.span.end({
      endMs: clock.nowMs(),
      attributes: madeAttributes(attributes),
      errorMessage: this.errorOf(error)?.message ?? null,
    });
    if (run === undefined || call.question.operation !== "chat") return;
    const { provider, model: requestModel } = call.question;
    const { responseModel, responseId, finishReasons, usage } = answer;
    const end: StepEnd = {
      kind: "model",
      provider,
      requestModel,
      responseModel,
      responseId,
      output: silent ? null : output,
      finishReasons,
      usage,
    };
    const facts: ModelFacts = { newInputMessages: call.heard, output: answer.output };
    this.reportEnd(run, call.step, {
      end,
      error,
      withFingerprint: (made) => ({ ...end, fingerprint: made.model(facts) }),
    });
  }

  private open(
    run: RunRecord | undefined,
    span: { name: string; kind: 1 | 3; attributes: () => SpanAttributes },
  ): Opened {
    const startMs = this.options.clock.nowMs();
    const opened = this.options.tracing.start({ ...span, startMs, fallbackParent: run?.traceContext });
    return { startMs, span: opened, stepId: stepIdOf(opened.traceId, opened.spanId) };
  }

  private closable<End>(step: Opened, close: (end: End, error: unknown) => void): OpenStep<End> {
    let closed = false;
    return {
      stepId: step.stepId,
      span: step.span,
      end(end, error) {
        if (closed) return;
        closed = true;
        close(end, error);
      },
    };
  }

  private reportStart(run: RunRecord, step: Opened, start: StepStart): void {
    this.options.reporter.report({ ...startBase(run, step), step: start }, step.span);
  }

  private reportEnd(run: RunRecord, step: Opened, { end, error, withFingerprint }: EndedStep): void {
    const base = this.endBase(run, step, error);
    this.options.fingerprints.use((made) => {
      this.options.reporter.report({ ...base, step: made === null ? end : withFingerprint(made) }, step.span);
    });
  }

  private endBase(run: RunRecord, step: Opened, error: unknown) {
    const endMs = this.options.clock.nowMs();
    return { ...placeOf(run, step), name: eventName.stepEnd, endMs, error: this.errorOf(error) } as const;
  }

  private errorAttributes(error: unknown): SpanAttributes {
    return error === undefined ? {} : { [otel.errorType]: errorType(runStoppedIn(error) ?? error) };
  }

  private errorOf(error: unknown): ReportedError | null {
    if (error === undefined) return null;
    const cause = runStoppedIn(error) ?? error;
    const message = this.options.policy.error(cause);
    return { type: errorType(cause), message: message === "" ? messageOf(cause) : message };
  }
}

/** How a step ended, and how to tell it where contents stay. */
interface EndedStep {
  end: StepEnd;
  error: unknown;
  withFingerprint: (made: Fingerprinter) => StepEnd;
}

interface Opened {
  startMs: number;
  stepId: string;
  span: OpenSpan;
}
