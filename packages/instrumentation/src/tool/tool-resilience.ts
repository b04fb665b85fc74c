import type { ActionPolicy } from "./action-policy.ts";
import { classifyFailure, type FailureClass } from "./failure/classify-failure.ts";
import type { ToolCallContext } from "./tool.ts";

/** How the failures of a tool are met; every part has a default. */
export interface ToolResilience<Input> {
  /**
   * Retries of one call. By default transient failures of a tool that is declared to change little (`risk` below high, or
   * `mutates: false`) are tried again. One that declares nothing, or that it changes something (`mutates`,
   * `reversible: false`, `risk: "high"`), is called once: there say so, once it makes use of the idempotency key.
   */
  retry?: false | RetryOptions<Input>;
  /** The circuit breaker of the tool within a run, or of its endpoint in all runs of the process; false: none. */
  breaker?: false | BreakerOptions<Input>;
  /** Overrides the class of a failure; undefined leaves it to the default. */
  classifyFailure?: (error: unknown) => FailureClass | undefined;
  /** `text` (default): the model reads what went wrong. `throw`: `run.execute` throws it. */
  onError?: "text" | "throw";
  /** Longest result that goes to the model. Default: `maxToolResultCharacters` of the configuration. */
  maxResultCharacters?: number;
  /** What to do about ids in the arguments that occur nowhere in the run. Default: `mark`, for people to see. */
  onUngroundedIds?: "mark" | "warn" | "refuse";
}

export interface RetryOptions<Input> {
  /** Times that the tool is called at most, the first one included. Default: 3. */
  attempts?: number;
  /** Default: 200. It doubles from retry to retry, with jitter. */
  firstDelayMs?: number;
  /** Longest wait, also where the other side asks for more: then the failure is final. Default: 20,000. */
  maxDelayMs?: number;
  /** Reads again what a call was based on, for failures of class `stale_data`; gives the input to go on with. */
  refresh?: (input: Input, call: ToolCallContext) => Input | Promise<Input>;
}

export interface BreakerOptions<Input> {
  /** Failures in a row that open it. Default: 3. */
  failures?: number;
  /** How long it stays open before one call probes; it doubles up to eight times that. Default: 10,000. */
  probeAfterMs?: number;
  /** What the calls of the tool depend on (a host, a queue): one breaker for each, shared by all runs of the process. */
  endpoint?: (input: Input) => string;
}

/** The same with its defaults filled in and the type of its input forgotten. */
export interface ResilienceSettings {
  attempts: number;
  firstDelayMs: number;
  maxDelayMs: number;
  refresh: ((input: unknown, call: ToolCallContext) => unknown) | undefined;
  breaker: BreakerSettings | null;
  /** Undefined where nobody can say what a failure needs. */
  classify: (error: unknown) => FailureClass | undefined;
  onError: "text" | "throw";
  maxResultCharacters: number | undefined;
  onUngroundedIds: "mark" | "warn" | "refuse";
}

export interface BreakerSettings {
  failures: number;
  probeAfterMs: number;
  endpoint: ((input: unknown) => string) | undefined;
}

const defaultAttempts = 3;
const defaultDelays = { firstDelayMs: 200, maxDelayMs: 20_000 };
const defaultBreaker = { failures: 3, probeAfterMs: 10_000 };

function breakerOf<Input>({ breaker = {} }: ToolResilience<Input>): BreakerSettings | null {
  if (breaker === false) return null;
  const {
    failures = defaultBreaker.failures,
    probeAfterMs = defaultBreaker.probeAfterMs,
    endpoint,
  } = breaker;
  return { failures, probeAfterMs, endpoint: endpoint as BreakerSettings["endpoint"] };
}

/** The options of a tool with their defaults. */
export function resilienceOf<Input>(
  options: ToolResilience<Input>,
  { isRepeatable }: Pick<ActionPolicy, "isRepeatable">,
): ResilienceSettings {
  const { classifyFailure: classify, onError = "text", onUngroundedIds = "mark" } = options;
  const retry = options.retry ?? (isRepeatable ? {} : false);
  const { attempts = defaultAttempts, refresh, ...delays } = retry === false ? { attempts: 1 } : retry;
  return {
    ...defaultDelays,
    ...delays,
    attempts,
    refresh: refresh as ResilienceSettings["refresh"],
    breaker: breakerOf(options),
    classify: (error) => classify?.(error) ?? classifyFailure(error),
    onError,
    maxResultCharacters: options.maxResultCharacters,
    onUngroundedIds,
  };
}
