import { RetryableError, isPlumblineError } from "@plumbline/contracts";

/** Codes of google.rpc.Code that a receiver answers with. */
export const rpcCode = {
  invalidArgument: 3,
  permissionDenied: 7,
  resourceExhausted: 8,
  unimplemented: 12,
  unavailable: 14,
  unauthenticated: 16,
} as const;

/** How a request that was not taken is answered. */
export interface Failure {
  httpStatus: number;
  rpcCode: number;
  message: string;
  /** How long the sender should wait before it sends the same again; null when it should not. */
  retryAfterMs: number | null;
  /** True when nobody foresaw it and a person should look. */
  unexpected: boolean;
}

const defaultRetryMs = 1000;
const notStored = "The request could not be stored. Send again later.";
const badRequest = { httpStatus: 400, rpcCode: rpcCode.invalidArgument };
const later = { httpStatus: 503, rpcCode: rpcCode.unavailable };

const byCode: Record<string, { httpStatus: number; rpcCode: number }> = {
  BODY_TOO_LARGE: { httpStatus: 413, rpcCode: rpcCode.resourceExhausted },
  TOO_MANY_ITEMS: { httpStatus: 413, rpcCode: rpcCode.resourceExhausted },
  UNSUPPORTED_ENCODING: { httpStatus: 415, rpcCode: rpcCode.invalidArgument },
  UNSUPPORTED_MEDIA_TYPE: { httpStatus: 415, rpcCode: rpcCode.invalidArgument },
  UNAUTHENTICATED: { httpStatus: 401, rpcCode: rpcCode.unauthenticated },
  FORBIDDEN: { httpStatus: 403, rpcCode: rpcCode.permissionDenied },
  BUSY: { httpStatus: 429, rpcCode: rpcCode.resourceExhausted },
};

/**
 * The answer to whatever was thrown while a request was taken. What is not known to be the request's fault is
 * answered as "later": the sender keeps its data.
 */
export function failureOf(error: unknown): Failure {
  if (!isPlumblineError(error) || error.nextMove === "stop") {
    return { ...later, message: notStored, retryAfterMs: defaultRetryMs, unexpected: true };
  }
  const rejected = error.nextMove === "reject";
  const retryMs = (error instanceof RetryableError ? error.retryAfterMs : undefined) ?? defaultRetryMs;
  return {
    ...(byCode[error.code] ?? (rejected ? badRequest : later)),
    message: error.message,
    retryAfterMs: rejected ? null : retryMs,
    unexpected: false,
  };
}
