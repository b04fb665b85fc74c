const marker = Symbol.for("plumbline.error");

/** What whoever catches the error does next; the only distinction a pipeline acts on. */
export type NextMove = "retry" | "reject" | "stop";

export interface ErrorDetails {
  /** Stable, machine-readable, UPPER_SNAKE_CASE. */
  code: string;
  /** One sentence: how to mend it. */
  mend?: string;
  cause?: unknown;
}

/** Base of every error Plumbline raises on purpose. Recognise it with {@link isPlumblineError}: two copies of a package can be loaded at once. */
export class PlumblineError extends Error {
  readonly [marker] = true;
  readonly code: string;
  readonly mend: string | undefined;
  readonly nextMove: NextMove;

  constructor(nextMove: NextMove, message: string, details: ErrorDetails) {
    super(details.mend === undefined ? message : `${message} ${details.mend}`, { cause: details.cause });
    this.name = new.target.name;
    this.code = details.code;
    this.mend = details.mend;
    this.nextMove = nextMove;
  }
}

/** The same call may succeed later; `retryAfterMs` when the other side said when. */
export class RetryableError extends PlumblineError {
  readonly retryAfterMs: number | undefined;

  constructor(message: string, details: ErrorDetails & { retryAfterMs?: number }) {
    super("retry", message, details);
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** This one item is bad and stays bad: count it, keep the rest, go on. */
export class RejectedError extends PlumblineError {
  constructor(message: string, details: ErrorDetails) {
    super("reject", message, details);
  }
}

/** The process can't do its work as it was set up: say so and stop. Raised at start-up only. */
export class SetupError extends PlumblineError {
  constructor(message: string, details: ErrorDetails) {
    super("stop", message, details);
  }
}

export function isPlumblineError(value: unknown): value is PlumblineError {
  return typeof value === "object" && value !== null && marker in value;
}

/** Text of anything that was thrown, an Error or not. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message;
  if (typeof thrown === "string") return thrown;
  try {
    return JSON.stringify(thrown) ?? String(thrown);
  } catch {
    return Object.prototype.toString.call(thrown);
  }
}

/** Fails the build when a union gains a member that a switch does not handle. */
export function assertNever(value: never): never {
  throw new PlumblineError("stop", `Unhandled case: ${messageOf(value)}.`, { code: "UNHANDLED_CASE" });
}
