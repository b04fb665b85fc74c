import { failureSignal, type OutcomeSignal } from "./signal.ts";

type JsonObject = Record<string, unknown>;

const successFields: ReadonlySet<string> = new Set(["success", "succeeded", "ok", "issuccess"]);
const failureFlags: ReadonlySet<string> = new Set(["iserror", "error", "failed", "haserror"]);
const refusals: ReadonlySet<string> = new Set(["false", "no", "n"]);
const errorFields = ["error", "errors", "err", "exception", "error_message", "errorMessage", "fault"];
const statusFields = ["status", "state", "result", "outcome", "type"];
const httpFields = ["statusCode", "status_code", "httpStatus", "http_status", "status", "code"];
const exitFields = ["exit_code", "exitCode", "returncode", "return_code", "exit_status", "exitStatus"];
const failureWords = new Set([
  "error",
  "errored",
  "fail",
  "failed",
  "failure",
  "exception",
  "rejected",
  "denied",
  "timeout",
  "timed_out",
  "fatal",
]);

const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function textOfError(value: unknown): string | null {
  if (typeof value === "string") return value.trim() === "" ? null : value;
  if (Array.isArray(value)) return value.length === 0 ? null : JSON.stringify(value);
  if (isObject(value)) return Object.keys(value).length === 0 ? null : JSON.stringify(value);
  return null;
}

function messageIn(envelope: JsonObject): string {
  for (const field of ["message", "error", "errors", "detail", "reason", "code", "error_message"]) {
    const text = textOfError(envelope[field]);
    if (text !== null) return text;
  }
  return JSON.stringify(envelope);
}

/** A field's name whatever its spelling: `isSuccess`, `is_success`, `IsSuccess`. */
const plainName = (field: string): string => field.replaceAll("_", "").toLowerCase();

const isRefusal = (value: unknown): boolean =>
  value === false || value === 0 || (typeof value === "string" && refusals.has(value.toLowerCase()));

function flagSignal(envelope: JsonObject): OutcomeSignal | null {
  const flags = Object.entries(envelope);
  const flag =
    flags.find(([field, value]) => successFields.has(plainName(field)) && isRefusal(value)) ??
    flags.find(([field, value]) => failureFlags.has(plainName(field)) && value === true);
  if (flag === undefined) return null;
  const [field, value] = flag;
  return failureSignal(`result.${field}=${String(value)}`, messageIn(envelope));
}

function statusSignal(envelope: JsonObject): OutcomeSignal | null {
  for (const field of statusFields) {
    const value = envelope[field];
    // A record's own status ("state": "failed" of a looked-up job) is data: an envelope is small and says why.
    if (typeof value === "string" && failureWords.has(value.toLowerCase()) && isSmallEnvelope(envelope)) {
      return failureSignal(`result.${field}=${value}`, messageIn(envelope));
    }
  }
  return null;
}

function isSmallEnvelope(envelope: JsonObject): boolean {
  const fields = Object.keys(envelope);
  if (fields.some((field) => /(^|_)id$|Id$/.test(field))) return false;
  return (
    fields.length === 1 ||
    fields.some((field) =>
      /^(message|error|errors|detail|details|reason|code|data|msg|description)$/i.test(field),
    )
  );
}

function codeSignal(envelope: JsonObject): OutcomeSignal | null {
  for (const field of httpFields) {
    const value = envelope[field];
    if (typeof value === "number" && Number.isInteger(value) && value >= 400 && value <= 599) {
      return failureSignal(`result.${field}=${String(value)}`, messageIn(envelope));
    }
  }
  for (const field of exitFields) {
    const value = envelope[field];
    if (typeof value === "number" && value !== 0)
      return failureSignal(`result.${field}=${String(value)}`, messageIn(envelope));
  }
  return null;
}

function errorFieldSignal(envelope: JsonObject): OutcomeSignal | null {
  // Beside a payload an error field may be one of many facts; an explicit success flag outranks it.
  if (
    Object.entries(envelope).some(([field, value]) => successFields.has(plainName(field)) && value === true)
  )
    return null;
  for (const field of errorFields) {
    const text = textOfError(envelope[field]);
    if (text !== null && !/^(none|null|no error|ok)$/i.test(text))
      return failureSignal(`result.${field}`, text);
  }
  return null;
}

function ownSignal(envelope: JsonObject): OutcomeSignal | null {
  return flagSignal(envelope) ?? errorFieldSignal(envelope) ?? codeSignal(envelope) ?? statusSignal(envelope);
}

const nestedFields = ["result", "response", "data", "output", "body"];

/** Reads the error conventions of JSON APIs: flags, error fields, status words, HTTP and exit codes, one level of wrapping. */
export function envelopeSignal(value: unknown, depth = 0): OutcomeSignal | null {
  if (!isObject(value)) return null;
  const own = ownSignal(value);
  if (own !== null || depth > 0) return own;
  const fields = Object.keys(value);
  if (fields.length > 3) return null;
  for (const field of nestedFields) {
    const nested = envelopeSignal(value[field], depth + 1);
    if (nested !== null)
      return { ...nested, evidence: nested.evidence.replace("result.", `result.${field}.`) };
  }
  return null;
}
