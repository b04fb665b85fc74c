import { RetryableError } from "@plumbline/contracts";

/** Why a breaker lets nothing through. */
export interface BreakerRefusal {
  /** Failures in a row that opened it. */
  failures: number;
  untilMs: number;
  lastError: string;
}

const longestErrorCharacters = 300;

/** The call was not made: what it depends on failed again and again, in this process, just now. */
export class BreakerOpenError extends RetryableError {
  constructor({ failures, untilMs, lastError }: BreakerRefusal, nowMs: number) {
    const waitMs = Math.max(0, untilMs - nowMs);
    const last = lastError.slice(0, longestErrorCharacters);
    super(
      `The tool was not called: it failed ${String(failures)} times in a row, the last time with "${last}". It is tried again in ${String(Math.ceil(waitMs / 1000))} s.`,
      {
        code: "BREAKER_OPEN",
        mend: "Use another way until then, or say that it is not available.",
        retryAfterMs: waitMs,
      },
    );
  }
}
