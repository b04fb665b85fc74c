import type { Endpoint } from "../../observe/openai/endpoint.ts";
import {
  ModelCallSession,
  type RequestOptions,
  type ServerInfo,
} from "../../observe/openai/model-call-session.ts";
import type { Wire } from "../../observe/openai/wire.ts";
import { withinModelCall } from "../../observe/model-call-scope.ts";
import { currentRun, withRun } from "../../run/run-context.ts";
import type { RunRecord } from "../../run/run-record.ts";
import type { Runtime } from "../../runtime.ts";

/** A model call as a framework makes it: what is asked, of whom, in the words of `endpoint`. */
export interface FrameworkCall {
  endpoint: Endpoint;
  body: Wire;
  provider: string;
  /** The application's own signal, where the framework shows it. */
  signal?: AbortSignal | undefined;
}

/** How to make the call once it may be made. */
export interface FrameworkWork<Result> {
  /** `body` may hold messages that the application did not write. */
  make: (body: Wire, signal: AbortSignal) => PromiseLike<Result>;
  /** Follows the answer to its end: {@link followAnswer} or {@link followStream}. */
  follow: (session: ModelCallSession, result: Result) => Result;
}

/** The run of a call: the one that surrounds it, else the one its request belongs to. */
export function runOfCall(runtime: Runtime, { endpoint, body }: FrameworkCall): RunRecord {
  return currentRun() ?? runtime.implicitRunOf(endpoint.hints(body));
}

/** The whole answer is there. */
export function followAnswer<Result>(session: ModelCallSession, result: Result): Result {
  session.answered(result);
  return result;
}

function rejectedBy(signal: AbortSignal): Promise<never> {
  return new Promise<never>((_, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}

/**
 * Sends a framework's model call through the gate, observes it as a step of `run`, and gives it up when the run is killed,
 * whether the framework listens to the signal or not.
 * @throws RunStoppedError when the run may not make the call, or was killed meanwhile
 */
export async function superviseModelCall<Result>(
  runtime: Runtime,
  target: { run: RunRecord; call: FrameworkCall },
  work: FrameworkWork<Result>,
): Promise<Result> {
  const { run, call } = target;
  const server: ServerInfo = { provider: call.provider, address: null, port: null };
  const session = withRun(run, () => new ModelCallSession(runtime, call.endpoint, server));
  const options: RequestOptions = { body: call.body, signal: call.signal ?? null };
  await session.prepare(options);
  // Given up by the application while it waited.
  call.signal?.throwIfAborted();
  const { signal } = session.controller;
  try {
    await session.beforeAttempt();
    const made = withinModelCall(signal, () => work.make(options.body as Wire, signal));
    return work.follow(session, await Promise.race([made, rejectedBy(signal)]));
  } catch (thrown) {
    const shown = session.translate(thrown);
    session.fail(shown);
    throw shown;
  }
}
