import type { Attributes, HrTime, SpanContext } from "@opentelemetry/api";

/** A span of the OpenTelemetry SDK, as far as the 1.x, 2.x and 3.x lines agree on it. Nothing of them is imported. */
export interface SdkSpan {
  readonly name: string;
  /** As in the API: 0 internal, 1 server, 2 client, 3 producer, 4 consumer. */
  readonly kind: number;
  readonly attributes: Attributes;
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  readonly status: { code: number; message?: string };
  readonly events: readonly { name: string; time: HrTime; attributes?: Attributes }[];
  readonly links: readonly { context: SpanContext; attributes?: Attributes }[];
  readonly resource: { attributes: Attributes };
  /** Up to 1.x `instrumentationLibrary`. */
  readonly instrumentationScope?: { name: string; version?: string };
  readonly instrumentationLibrary?: { name: string; version?: string };
  readonly parentSpanContext?: SpanContext;
  /** Up to 1.x. */
  readonly parentSpanId?: string;
  spanContext(): SpanContext;
  setAttribute?(name: string, value: string): unknown;
}

export const scopeOf = (span: SdkSpan): { name: string; version: string } => {
  const scope = span.instrumentationScope ?? span.instrumentationLibrary;
  return { name: scope?.name ?? "", version: scope?.version ?? "" };
};

export const parentSpanIdOf = (span: SdkSpan): string =>
  span.parentSpanContext?.spanId ?? span.parentSpanId ?? "";

export const hrTimeToMs = ([seconds, nanos]: HrTime): number => seconds * 1000 + nanos / 1_000_000;

export const textAt = (span: SdkSpan, name: string): string | null => {
  const value = span.attributes[name];
  return typeof value === "string" ? value : null;
};
