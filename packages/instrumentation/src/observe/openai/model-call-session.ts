import { isToolCallPart, stepIdOf, textOf as messageText } from "@plumbline/contracts";
import type { RunStoppedError } from "../../errors.ts";
import { injectionsFor, type Injection } from "../../gate/injections.ts";
import type { ProposedCall } from "../../guard/guard.ts";
import { ModelCallBudget } from "../../guard/budget/model-call-budget.ts";
import type { OpenCall, RunRecord } from "../../run/run-record.ts";
import { currentRun } from "../../run/run-context.ts";
import type { Runtime } from "../../runtime.ts";
import { estimatedTokens, estimatedUsage } from "../estimated-usage.ts";
import { type ModelAnswer, type ModelQuestion, noAnswer } from "../model-call.ts";
import type { EncodedMessage } from "../prompt-encoder.ts";
import type { OpenStep } from "../step-reporter.ts";
import { toolCallOwners } from "../tool-call-owners.ts";
import type { Endpoint } from "./endpoint.ts";
import { textOf, type Wire, wireOf } from "./wire.ts";

/** The part of the client's request options that concerns us. */
export interface RequestOptions extends Wire {
  body?: unknown;
  signal?: AbortSignal | null;
}

/** Where the client sends its requests. */
export interface ServerInfo {
  provider: string;
  address: string | null;
  port: number | null;
}

/** A streamed answer that the application did not begin to read by then is taken to be read past the client. */
const unreadMs = 10_000;

/**
 * One call of the client from the application's point of view, retries included: it passes the gate, takes nudges
 * along, is observed, and can be aborted by a kill. One instance per call.
 */
export class ModelCallSession implements OpenCall {
  readonly controller = new AbortController();
  private readonly runtime: Runtime;
  private readonly endpoint: Endpoint;
  private readonly server: ServerInfo;
  private run: RunRecord | undefined;
  private step: OpenStep<ModelAnswer> | undefined;
  private prompt: readonly EncodedMessage[] = [];
  private stoppedBy: RunStoppedError | undefined;
  isStream = false;
  /** HTTP attempts so far. */
  attempts = 0;
  private model = "";
  private budget: ModelCallBudget | undefined;
  private messages: readonly unknown[] = [];
  /** Whether the application reads the stream through the client. */
  private reading = false;
  private freshNudges: readonly string[] = [];
  private release: () => void = () => undefined;

  constructor(runtime: Runtime, endpoint: Endpoint, server: ServerInfo) {
    this.runtime = runtime;
    this.endpoint = endpoint;
    this.server = server;
    this.run = currentRun();
  }

  abort(error: RunStoppedError): void {
    this.stoppedBy = error;
    this.controller.abort(error);
  }

  /** Before the first attempt: gate, nudges, step start. Changes the options in place. */
  async prepare(options: RequestOptions): Promise<void> {
    const body = wireOf(options.body);
    this.model = textOf(body["model"]) ?? "unknown";
    this.isStream = body["stream"] === true;
    if (this.run === undefined && this.endpoint.operation === "chat") {
      this.run = this.runtime.implicitRunOf(this.endpoint.hints(body));
    }
    const signal = options.signal ?? undefined;
    const before = this.encode(body);
    await this.passGate(body, before, signal);
    // Given up by the application while it waited: the client says so in its own words, and nothing is sent.
    if (this.isGivenUp(signal)) return;
    const sent = this.run === undefined ? body : this.withInjections(this.run, body, before);
    this.open(sent);
    if (sent !== body) options.body = sent;
    if (signal !== undefined) this.follow(signal);
    options.signal = this.controller.signal;
  }

  /** Before an HTTP attempt; the first one has passed the gate in {@link prepare}. */
  async beforeAttempt(): Promise<void> {
    this.attempts += 1;
    if (this.attempts === 1 || this.run === undefined) return;
    await this.untilAborted(
      this.runtime.gate.passAgain(this.run, this.controller.signal),
      this.controller.signal,
    );
  }

  /** What the application gets to see instead of an error of the client. */
  translate(thrown: unknown): unknown {
    return this.stoppedBy ?? this.run?.killInForce() ?? thrown;
  }

  fail(thrown: unknown): void {
    this.close(noAnswer, thrown);
    if (this.run?.declaration.implicit === true) this.runtime.implicitRuns.failed(this.run);
  }

  /** A whole answer came. */
  answered(data: unknown): void {
    this.close(this.endpoint.readAnswer(wireOf(data)), undefined);
  }

  /** The stream of this call was handed out; one that nobody reads must not stay a step for ever. */
  handedOut(stream: AbortSignal): void {
    const abandoned = (): void => {
      if (!this.reading) this.close(noAnswer, undefined);
    };
    stream.addEventListener("abort", abandoned, { once: true });
  }

  /** The answer to a streamed call is there; the application may read it by itself, past the client. */
  async responded(): Promise<void> {
    await this.runtime.clock.sleep(unreadMs);
    if (!this.reading) this.close(noAnswer, undefined);
  }

  /** Follows a stream of chunks without changing it, except that a kill ends it with its error. */
  async *observe(chunks: AsyncIterable<unknown>): AsyncGenerator<unknown, void, undefined> {
    this.reading = true;
    const accumulator = this.endpoint.accumulate();
    let thrown: unknown;
    try {
      for await (const chunk of chunks) {
        if (this.stoppedBy !== undefined) break;
        accumulator.add(chunk);
        yield chunk;
      }
      // The client ends an aborted stream silently.
      if (this.stoppedBy !== undefined) throw this.stoppedBy;
    } catch (error) {
      thrown = this.translate(error);
      throw thrown;
    } finally {
      this.close(accumulator.answer(), thrown);
    }
  }

  private encode(body: Wire): EncodedMessage[] {
    const { endpoint, runtime } = this;
    const messages = endpoint.messages(body);
    this.run?.heard.hearConversation(messages);
    return messages.map((raw) => runtime.encoder.encode(raw, (message) => endpoint.toMessage(message)));
  }

  private async passGate(
    body: Wire,
    prompt: readonly EncodedMessage[],
    signal: AbortSignal | undefined,
  ): Promise<void> {
    if (this.run === undefined) return;
    const call = this.proposal(this.run, body, prompt);
    try {
      await this.untilAborted(this.runtime.gate.pass(this.run, call, signal), signal);
    } catch (thrown) {
      if (this.run.declaration.implicit) this.runtime.implicitRuns.failed(this.run);
      throw thrown;
    }
  }

  private isGivenUp(signal: AbortSignal | undefined): boolean {
    if (signal?.aborted !== true) return false;
    this.budget?.giveBack();
    return true;
  }

  private proposal(run: RunRecord, body: Wire, prompt: readonly EncodedMessage[]): ProposedCall {
    const { endpoint, runtime, model, server } = this;
    // Where no content may leave, the encoded prompt is empty.
    const texts =
      runtime.policy.text("") === null
        ? endpoint.messages(body).map((raw) => JSON.stringify(raw))
        : prompt.map(({ json }) => json);
    const { provider } = server;
    const inputTokens = estimatedTokens(texts);
    if (endpoint.operation !== "chat") return { kind: "model", model, provider, inputTokens };
    this.budget = new ModelCallBudget(runtime, run, model);
    return this.budget.propose({ provider, inputTokens, maxOutputTokens: endpoint.maxOutputTokens(body) });
  }

  /** Leaves it to the client to throw when the application gave the call up. */
  private async untilAborted(
    wait: Promise<void> | undefined,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    try {
      await wait;
    } catch (thrown) {
      if (signal?.aborted !== true || thrown !== signal.reason || this.stoppedBy !== undefined) throw thrown;
    }
  }

  private withInjections(run: RunRecord, body: Wire, prompt: readonly EncodedMessage[]): Wire {
    const jsons = prompt.map(({ json }) => json);
    const place = { position: jsons.length, before: jsons.at(-1) ?? "" };
    const pending = this.endpoint.mayAppend(body) ? run.pendingNudges() : [];
    const fresh: Injection[] = pending.map(({ id, text }) => ({ nudgeId: id, text, ...place }));
    this.freshNudges = fresh.map(({ nudgeId }) => nudgeId);
    for (const nudgeId of this.freshNudges) run.givenNudges.add(nudgeId);
    run.injections = [...run.injections, ...fresh];
    const all = injectionsFor(jsons, run.injections);
    return all.length === 0 ? body : this.endpoint.inject(body, all);
  }

  private open(body: Wire): void {
    const { run, runtime, endpoint, server } = this;
    this.prompt = this.encode(body);
    this.messages = endpoint.messages(body);
    const question: ModelQuestion = {
      operation: endpoint.operation,
      provider: server.provider,
      model: this.model,
      stream: this.isStream,
      systemInstructions: endpoint.systemInstructions(body),
      messages: [],
      previousResponseId: textOf(body["previous_response_id"]),
      serverAddress: server.address,
      serverPort: server.port,
    };
    const step = runtime.steps.startModel(run, question, this.prompt);
    this.step = step;
    if (run === undefined) return;
    run.openCalls.add(this);
    this.ackNudges(run, stepIdOf(step.span.traceId, step.span.spanId));
  }

  private ackNudges(run: RunRecord, stepId: string): void {
    const { generation } = run.directive;
    for (const nudgeId of this.freshNudges) {
      const subject = { kind: "nudge", nudgeId } as const;
      this.runtime.acks.ack(run, {
        generation,
        phase: "applied",
        subject,
        detail: "put into the conversation",
        stepId,
      });
    }
  }

  private follow(signal: AbortSignal): void {
    const onAbort = (): void => this.controller.abort(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
    this.release = () => signal.removeEventListener("abort", onAbort);
  }

  private close(answer: ModelAnswer, thrown: unknown): void {
    const { run, step } = this;
    if (step === undefined) return;
    this.step = undefined;
    this.release();
    // Streams often carry no usage; an answer that came is counted all the same.
    const isCounted = thrown === undefined || answer.output.length > 0;
    const estimated = () => (isCounted ? estimatedUsage(this.prompt, answer.output) : null);
    const counted = { ...answer, usage: answer.usage ?? estimated() };
    step.end(counted, thrown);
    if (run === undefined) return;
    run.openCalls.delete(this);
    this.budget?.settle(counted.usage);
    const { messages, model, endpoint } = this;
    const toMessage = (raw: unknown) => endpoint.toMessage(raw);
    run.loops?.spoke({ stepId: step.stepId, model, messages, toMessage, output: answer.output });
    this.rememberAnswer(run, answer, thrown);
    this.runtime.gate.settle(run);
  }

  private rememberAnswer(run: RunRecord, answer: ModelAnswer, thrown: unknown): void {
    this.runtime.runs.touch(run, this.runtime.clock.nowMs());
    const text = answer.output.map((message) => messageText(message)).join("\n");
    if (text.trim() !== "") run.lastModelText = text;
    if (!run.declaration.implicit || thrown !== undefined) return;
    toolCallOwners.rememberAll(run, answer.output);
    run.atRest =
      answer.output.length > 0 &&
      !answer.output.some((message) => message.parts.some((part) => isToolCallPart(part)));
    this.runtime.implicitRuns.answered(run, this.endpoint.replyKey(answer), answer.responseId);
  }
}
