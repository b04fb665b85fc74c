import { type Clock, messageOf } from "@plumbline/contracts";
import { readText, requestHttp, retryAfterMs } from "../transport/http-request.ts";
import type { Delivery } from "./delivery.ts";

export interface OtlpSenderOptions {
  /** Whole URL, `…/v1/logs` or `…/v1/traces`. */
  url: string;
  token: string | undefined;
  /** Further headers, in lower case. */
  headers: Readonly<Record<string, string>>;
  clock: Clock;
}

const retryable: ReadonlySet<number> = new Set([429, 502, 503, 504]);
const timeoutMs = 10_000;

function rejectedIn(body: string): number {
  try {
    const parsed = JSON.parse(body) as {
      partialSuccess?: { rejectedLogRecords?: string | number; rejectedSpans?: string | number };
    };
    return Number(parsed.partialSuccess?.rejectedLogRecords ?? parsed.partialSuccess?.rejectedSpans ?? 0);
  } catch {
    return 0;
  }
}

/** Posts OTLP/JSON bodies and says what became of each, as the OTLP specification reads the status codes. */
export function createOtlpSender(options: OtlpSenderOptions): (body: string) => Promise<Delivery> {
  const headers: Record<string, string> = { ...options.headers, "content-type": "application/json" };
  if (options.token !== undefined) headers["authorization"] = `Bearer ${options.token}`;
  return async (body) => {
    try {
      const bytes = Buffer.from(body, "utf8");
      const withLength = { ...headers, "content-length": String(bytes.length) };
      const response = await requestHttp({
        url: options.url,
        method: "POST",
        headers: withLength,
        body: bytes,
        timeoutMs,
      });
      const status = response.statusCode ?? 0;
      const answer = await readText(response);
      if (status >= 200 && status < 300) return { type: "delivered", rejected: rejectedIn(answer) };
      const why = `${options.url} answered ${String(status)}`;
      if (!retryable.has(status)) return { type: "refused", why };
      return {
        type: "failed",
        why,
        retryAfterMs: retryAfterMs(response.headers["retry-after"], options.clock.nowMs()),
      };
    } catch (thrown) {
      return { type: "failed", why: messageOf(thrown), retryAfterMs: undefined };
    }
  };
}
