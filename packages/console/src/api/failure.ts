import { RetryableError, isPlumblineError } from "@plumbline/contracts";

/** How a request that failed is answered. */
export interface Failure {
  status: 400 | 401 | 403 | 404 | 409 | 413 | 500 | 503;
  code: string;
  message: string;
  retryAfterMs: number | null;
  /** True when nobody foresaw it and a person should look. */
  unexpected: boolean;
}

const statusByCode: Record<string, Failure["status"]> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  CHANGE_HEADER_MISSING: 403,
  NOT_FOUND: 404,
  RUN_UNKNOWN: 404,
  FINDING_UNKNOWN: 404,
  APPROVAL_UNKNOWN: 404,
  INCIDENT_UNKNOWN: 404,
  APPROVAL_AMBIGUOUS: 409,
  APPROVAL_SETTLED: 409,
  RUN_AMBIGUOUS: 409,
  FINDING_AMBIGUOUS: 409,
  RUN_KILLED: 409,
  BODY_TOO_LARGE: 413,
};

const defaultRetryMs = 1000;

/** The answer to whatever was thrown; internals of the unforeseen are not told. */
export function failureOf(error: unknown): Failure {
  if (!isPlumblineError(error) || error.nextMove === "stop") {
    const message = "The request failed inside the server. Its log says why.";
    return { status: 500, code: "INTERNAL", message, retryAfterMs: null, unexpected: true };
  }
  const { code, message } = error;
  if (error.nextMove === "reject") {
    return { status: statusByCode[code] ?? 400, code, message, retryAfterMs: null, unexpected: false };
  }
  const retryAfterMs = (error instanceof RetryableError ? error.retryAfterMs : undefined) ?? defaultRetryMs;
  return { status: 503, code, message, retryAfterMs, unexpected: false };
}
