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
import type { OpenSpan, Tracing } from "./tracing.ts";

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
    const attributes = {
      ...questionAttributes(question, system),
      ...(showsContent && question.operation === "chat"
        ? { [genAi.inputMessages]: jsonListWithin(jsons, maxContentCharacters) }
        : {}),
      ...runAttributes(run),
    };
    const name = `${question.operation} ${question.model}`;
    const step = this.open(run, { name, kind: 3 as const, attributes });
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

  startTool(run: RunRecord, tool: ToolStart): OpenStep<ToolEnd> {
    const { policy } = this.options;
    const args = policy.text(tool.arguments);
    const attributes = { ...toolStartAttributes(tool, args), ...runAttributes(run) };
    const step = this.open(run, { name: `execute_tool ${tool.toolName}`, kind: 1 as const, attributes });
    const { toolName, callId, traits } = tool;
    this.reportStart(run, step, { kind: "tool", toolName, callId, arguments: args, traits });
    return this.closable(step, (end, error) => {
      const shown = end.result === null ? null : policy.text(end.result);
      step.span.end({
        endMs: this.options.clock.nowMs(),
        attributes: {
          ...this.errorAttributes(error),
          ...toolEndAttributes(end, shown),
        },
        errorMessage: this.errorOf(error)?.message ?? null,
      });
      const told = { kind: "tool" as const, toolName, callId, result: shown };
      const facts: ToolFacts = {
        name: toolName,
        arguments: tool.arguments,
        result: end.result,
        traits,
        error: error === undefined ? null : { type: errorType(error), message: messageOf(error) },
      };
      this.reportEnd(run, step, {
        end: told,
        error,
        withFingerprint: (made) => ({ ...told, fingerprint: made.tool(facts) }),
      });
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
      attributes,
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
    span: { name: string; kind: 1 | 3; attributes: SpanAttributes },
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
    const { runId, agentName } = run;
    const { parentSpanId } = step.span;
    const event = {
      name: eventName.stepStart,
      runId,
      agentName,
      parentSpanId,
      startMs: step.startMs,
      step: start,
    } as const;
    this.options.reporter.report(event, step.span);
  }

  private reportEnd(run: RunRecord, step: Opened, { end, error, withFingerprint }: EndedStep): void {
    const { runId, agentName } = run;
    const event = {
      name: eventName.stepEnd,
      runId,
      agentName,
      parentSpanId: step.span.parentSpanId,
      startMs: step.startMs,
      endMs: this.options.clock.nowMs(),
      error: this.errorOf(error),
    };
    this.options.fingerprints.use((made) => {
      this.options.reporter.report(
        { ...event, step: made === null ? end : withFingerprint(made) },
        step.span,
      );
    });
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
