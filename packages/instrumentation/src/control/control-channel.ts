import {
  type Clock,
  controlPath,
  messageOf,
  pollResponseSchema,
  type Random,
  streamEvent,
} from "@plumbline/contracts";
import type { IncomingMessage } from "node:http";
import { StringDecoder } from "node:string_decoder";
import { backoffMs } from "../transport/backoff.ts";
import { debugLog } from "../transport/debug-log.ts";
import { readText, requestHttp, retryAfterMs } from "../transport/http-request.ts";
import { FirstWords } from "./first-words.ts";
import { createSseParser, type SseEvent } from "./sse-parser.ts";

export interface ControlChannelOptions {
  /** Base URL of the gateway. */
  gateway: string;
  token: string | undefined;
  clock: Clock;
  random: Random;
  /** Ids of the runs to hear about. */
  runIds: () => string[];
  /** Generation in force of a run. */
  generationOf: (runId: string) => number;
  /** One envelope came in; answers which run it was for. */
  onDirective: (data: unknown) => string | undefined;
  /** The channel was gained or lost. */
  onChange: () => void;
}

export interface ControlChannel {
  /** The set of runs changed; `startedRunId` names a run that knows nothing yet, even if one of that id did. */
  runsChanged(startedRunId?: string): void;
  /**
   * Resolves when the current directive of a run is known or the gateway turns out not to answer; undefined when there
   * is nothing to wait for.
   */
  firstWord(runId: string): Promise<void> | undefined;
  /** Since when the channel has been lost; null while it stands. */
  lostSinceMs(): number | null;
  close(): void;
}

type SessionEnd = { type: "rescoped" } | { type: "lost"; why: string; retryAfterMs: number | undefined };

/** A changed set waits this long for more changes; longer when there are many runs to be told about again. */
const debounceMs = 10;
const debouncePerRunMs = 0.1;
/** A session that was not told of all its runs by then may be ended by a changed set all the same. */
const settleMs = 1000;
const headTimeoutMs = 10_000;
const silenceMs = 30_000;
const pollWaitMs = 25_000;
const unbelievedMs = 1000;
const backoff = { firstMs: 100, longestMs: 5000 };
/** Answers that say "no streams here": the long poll is tried instead. */
const streamRefusals: ReadonlySet<number> = new Set([404, 405, 406, 415, 501]);

class Rescope extends Error {}

/**
 * Owns: the connection that brings directives, one for all runs of the process. Does not own: what a directive means.
 * 1. Level-triggered: every session begins with the current documents, so nothing is lost between two sessions.
 * 2. A changed set of runs ends the session and begins the next one at once, debounced, but not before the session
 *    has heard of its own runs: however fast runs come, each is heard of.
 * 3. A lost session is followed by the next one after a jittered back-off, or when the gateway said.
 * 4. Neither sockets nor timers keep the process alive.
 */
class StreamingChannel implements ControlChannel {
  private readonly options: ControlChannelOptions;
  private readonly words = new FirstWords();
  private lostAtMs: number | null;
  private failures = 0;
  private session: AbortController | undefined;
  private looping = false;
  private closed = false;
  private debouncing = false;
  private lastEventId = "";
  private useLongPoll = false;
  /** The set changed while the session was not settled. */
  private outdated = false;

  constructor(options: ControlChannelOptions) {
    this.options = options;
    this.lostAtMs = options.clock.nowMs();
  }

  lostSinceMs(): number | null {
    return this.lostAtMs;
  }

  firstWord(runId: string): Promise<void> | undefined {
    if (this.closed || this.words.isHeard(runId) || this.failures > 0) return undefined;
    return this.words.wait(runId);
  }

  runsChanged(startedRunId?: string): void {
    if (startedRunId !== undefined) {
      this.words.forget(startedRunId);
      this.lastEventId = "";
    }
    if (this.debouncing || this.closed) return;
    this.debouncing = true;
    const delayMs = debounceMs + this.options.runIds().length * debouncePerRunMs;
    const timer = setTimeout(() => {
      this.debouncing = false;
      this.outdated = true;
      if (this.words.isSettled) this.rescope();
      if (!this.looping) void this.loop();
    }, delayMs);
    timer.unref();
  }

  close(): void {
    this.closed = true;
    this.session?.abort(new Rescope());
    this.words.stopWaiting();
  }

  private rescope(): void {
    if (this.outdated) this.session?.abort(new Rescope());
  }

  /** Gives up waiting for word of every run of a session. */
  private async settleLate(signal: AbortSignal): Promise<void> {
    await this.options.clock.sleep(settleMs, signal);
    this.words.settle();
    this.rescope();
  }

  private async loop(): Promise<void> {
    this.looping = true;
    while (!this.closed && this.options.runIds().length > 0) {
      const end = await this.runSession();
      if (end.type === "lost") await this.waitAfter(end);
    }
    this.looping = false;
  }

  private async runSession(): Promise<SessionEnd> {
    const session = new AbortController();
    this.session = session;
    const runs = this.options.runIds();
    this.words.beginSession(runs);
    this.outdated = false;
    this.settleLate(session.signal).catch(() => undefined);
    try {
      return await (this.useLongPoll
        ? this.longPoll(runs, session.signal)
        : this.stream(runs, session.signal));
    } catch (thrown) {
      if (session.signal.aborted && session.signal.reason instanceof Rescope) return { type: "rescoped" };
      return { type: "lost", why: messageOf(thrown), retryAfterMs: undefined };
    } finally {
      this.words.settle();
      session.abort(new Rescope());
    }
  }

  private async waitAfter(end: Extract<SessionEnd, { type: "lost" }>): Promise<void> {
    this.failures += 1;
    if (this.failures === 1) debugLog("control channel: %s; tried again in the background", end.why);
    this.lost();
    this.words.stopWaiting();
    const delayMs = end.retryAfterMs ?? backoffMs(this.failures, backoff, this.options.random);
    await this.options.clock.sleep(delayMs);
  }

  private lost(): void {
    if (this.lostAtMs !== null) return;
    this.lostAtMs = this.options.clock.nowMs();
    this.options.onChange();
  }

  private gained(): void {
    this.failures = 0;
    if (this.lostAtMs === null) return;
    this.lostAtMs = null;
    this.options.onChange();
  }

  private headers(): Record<string, string> {
    const { token } = this.options;
    return {
      "content-type": "application/json",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
  }

  private refused(url: string, response: IncomingMessage): SessionEnd {
    const status = response.statusCode ?? 0;
    response.resume();
    const retryAfter = retryAfterMs(response.headers["retry-after"], this.options.clock.nowMs());
    return { type: "lost", why: `${url} answered ${String(status)}`, retryAfterMs: retryAfter };
  }

  private async stream(runs: string[], signal: AbortSignal): Promise<SessionEnd> {
    const url = new URL(controlPath.stream, this.options.gateway).href;
    const resume = this.lastEventId === "" ? {} : { "last-event-id": this.lastEventId };
    const headers = { ...this.headers(), accept: "text/event-stream", ...resume };
    const body = JSON.stringify({ runs });
    const response = await requestHttp({
      url,
      method: "POST",
      headers,
      body,
      timeoutMs: headTimeoutMs,
      signal,
      background: true,
    });
    if (!isEventStream(response)) {
      const status = response.statusCode ?? 0;
      if (streamRefusals.has(status) || status === 200) this.useLongPoll = true;
      return this.refused(url, response);
    }
    this.gained();
    response.setTimeout(silenceMs, () => response.destroy(new Error("The control stream fell silent.")));
    const parser = createSseParser();
    const decoder = new StringDecoder("utf8");
    for await (const chunk of response as AsyncIterable<Buffer>) {
      for (const event of parser.push(decoder.write(chunk))) this.take(event);
    }
    return { type: "lost", why: "the gateway ended the stream", retryAfterMs: undefined };
  }

  private take(event: SseEvent): void {
    if (event.id !== "") this.lastEventId = event.id;
    if (event.event === streamEvent.directive) {
      const runId = this.options.onDirective(event.data);
      if (runId !== undefined) this.hear(runId);
    } else if (event.event === streamEvent.unknown) this.hear(runIdIn(event.data));
  }

  private async longPoll(runs: string[], signal: AbortSignal): Promise<SessionEnd> {
    const url = new URL(controlPath.poll, this.options.gateway).href;
    const generations = Object.fromEntries(runs.map((runId) => [runId, this.options.generationOf(runId)]));
    const isFirst = runs.some((runId) => !this.words.isHeard(runId));
    const body = JSON.stringify({ runs: generations, waitMs: isFirst ? 0 : pollWaitMs });
    const timeoutMs = pollWaitMs + headTimeoutMs;
    const response = await requestHttp({
      url,
      method: "POST",
      headers: this.headers(),
      body,
      timeoutMs,
      signal,
      background: true,
    });
    if (response.statusCode !== 200) {
      this.useLongPoll = !streamRefusals.has(response.statusCode ?? 0);
      return this.refused(url, response);
    }
    const text = await readText(response);
    this.gained();
    const { directives } = pollResponseSchema.parse(JSON.parse(text));
    for (const directive of directives) this.options.onDirective(directive);
    for (const runId of runs) this.hear(runId);
    const moved = runs.some((runId) => this.options.generationOf(runId) !== generations[runId]);
    // Directives that are not believed would be sent again at once.
    if (directives.length > 0 && !moved) await this.options.clock.sleep(unbelievedMs, signal);
    return { type: "rescoped" };
  }

  private hear(runId: string): void {
    if (this.words.hear(runId) && this.words.isSettled) this.rescope();
  }
}

function isEventStream(response: IncomingMessage): boolean {
  return (
    response.statusCode === 200 && response.headers["content-type"]?.startsWith("text/event-stream") === true
  );
}

function runIdIn(data: string): string {
  try {
    return String((JSON.parse(data) as { runId?: unknown }).runId);
  } catch {
    return "";
  }
}

/** The channel to a gateway; opens when there are runs to hear about. */
export function createControlChannel(options: ControlChannelOptions): ControlChannel {
  return new StreamingChannel(options);
}

/** For `controlEndpoint: "off"`: nothing comes and nothing is lost. */
export const noControlChannel: ControlChannel = {
  runsChanged: () => undefined,
  firstWord: () => undefined,
  lostSinceMs: () => null,
  close: () => undefined,
};
