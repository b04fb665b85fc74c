import { isPlumblineError, messageOf, type NextMove } from "@plumbline/contracts";

/**
 * What a failed call needs. `transient`: time; `stale_data`: reading again what it was based on; `permission`: a person;
 * `data_error`: other arguments; `fatal`: nothing that the agent could do.
 */
export const failureClasses = ["transient", "stale_data", "permission", "data_error", "fatal"] as const;
export type FailureClass = (typeof failureClasses)[number];

const byStatus: Readonly<Record<number, FailureClass>> = {
  400: "data_error",
  401: "permission",
  403: "permission",
  404: "data_error",
  407: "permission",
  408: "transient",
  409: "stale_data",
  410: "data_error",
  412: "stale_data",
  413: "data_error",
  415: "data_error",
  422: "data_error",
  425: "transient",
  428: "stale_data",
  429: "transient",
  451: "permission",
};

const byCode: Readonly<Record<string, FailureClass>> = {
  ABORT_ERR: "transient",
  EACCES: "permission",
  EAI_AGAIN: "transient",
  ECONNABORTED: "transient",
  ECONNREFUSED: "transient",
  ECONNRESET: "transient",
  EEXIST: "data_error",
  EHOSTUNREACH: "transient",
  ENETUNREACH: "transient",
  ENOENT: "data_error",
  EPERM: "permission",
  EPIPE: "transient",
  ETIMEDOUT: "transient",
  TOOL_TIMEOUT: "transient",
  UND_ERR_BODY_TIMEOUT: "transient",
  UND_ERR_CONNECT_TIMEOUT: "transient",
  UND_ERR_HEADERS_TIMEOUT: "transient",
  UND_ERR_SOCKET: "transient",
};

const byNextMove: Readonly<Record<NextMove, FailureClass>> = {
  retry: "transient",
  reject: "data_error",
  stop: "fatal",
};

/** What errors without a status or code say of themselves; the first that fits counts. */
const byText: readonly (readonly [FailureClass, RegExp])[] = [
  [
    "transient",
    /\b(?:timed? ?out|time-?out|temporarily|try again later|too many requests|rate.?limit|overloaded|service unavailable|bad gateway|socket hang up|network error|fetch failed|connection (?:reset|refused|closed|lost))\b/iu,
  ],
  ["stale_data", /\b(?:stale|version conflict|modified (?:by|since)|optimistic lock|etag)\b/iu],
  [
    "permission",
    /\b(?:forbidden|unauthori[sz]ed|not (?:allowed|permitted)|permission denied|access denied)\b/iu,
  ],
  [
    "data_error",
    /\b(?:not found|no such|does not exist|doesn't exist|invalid|malformed|required|must be)\b/iu,
  ],
];

const deepestCause = 6;

interface Telling {
  status?: unknown;
  statusCode?: unknown;
  code?: unknown;
  name?: unknown;
  cause?: unknown;
}

function ofStatus(status: unknown): FailureClass | undefined {
  if (typeof status !== "number") return undefined;
  if (status >= 500 && status !== 501 && status !== 505) return "transient";
  return byStatus[status];
}

/** What one error says by itself, its text left aside. */
function ofFields(thrown: unknown): FailureClass | undefined {
  if (typeof thrown !== "object" || thrown === null) return undefined;
  const { status, statusCode, code, name } = thrown as Telling;
  const told =
    ofStatus(status) ?? ofStatus(statusCode) ?? (typeof code === "string" ? byCode[code] : undefined);
  if (told !== undefined) return told;
  if (name === "TimeoutError") return "transient";
  return isPlumblineError(thrown) ? byNextMove[thrown.nextMove] : undefined;
}

/** The class of a failure: by status, code or kind of the error or one of its causes, else by what it says. */
export function classifyFailure(thrown: unknown): FailureClass {
  let current = thrown;
  for (let depth = 0; depth < deepestCause && current !== undefined && current !== null; depth += 1) {
    const told = ofFields(current);
    if (told !== undefined) return told;
    current = typeof current === "object" ? (current as Telling).cause : undefined;
  }
  const text = messageOf(thrown);
  return byText.find(([, pattern]) => pattern.test(text))?.[0] ?? "fatal";
}

interface WithHeaders {
  retryAfterMs?: unknown;
  headers?: unknown;
  response?: { headers?: unknown };
  cause?: unknown;
}

function headerOf(headers: unknown): string | undefined {
  if (typeof headers !== "object" || headers === null) return undefined;
  if ("get" in headers && typeof headers.get === "function") {
    const value: unknown = (headers as { get(name: string): unknown }).get("retry-after");
    return typeof value === "string" ? value : undefined;
  }
  const value = (headers as Record<string, unknown>)["retry-after"];
  return typeof value === "string" ? value : undefined;
}

/** How long the other side asked to wait; undefined when it did not say. */
export function retryAfterMsOf(thrown: unknown, nowMs: number): number | undefined {
  if (typeof thrown !== "object" || thrown === null) return undefined;
  const { retryAfterMs, headers, response, cause } = thrown as WithHeaders;
  if (typeof retryAfterMs === "number") return retryAfterMs;
  const value = headerOf(headers) ?? headerOf(response?.headers);
  if (value === undefined) return cause === undefined ? undefined : retryAfterMsOf(cause, nowMs);
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const dateMs = Date.parse(value);
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - nowMs);
}
