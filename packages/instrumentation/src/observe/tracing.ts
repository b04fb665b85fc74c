import {
  type Attributes,
  type Context,
  context,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
} from "@opentelemetry/api";
import { type IdSource, instrumentationScopeName } from "@plumbline/contracts";
import type { SpanAttributes, SpanIds, SpanRecord } from "../export/otlp-json.ts";
import { packageVersion } from "../package-version.ts";

export interface SpanStart {
  name: string;
  kind: SpanRecord["kind"];
  startMs: number;
  /** Made when the span is sent, or at once for a provider of the application. */
  attributes: () => SpanAttributes;
  /** Where the application has no context manager: the context that the run carries. */
  fallbackParent: Context | undefined;
}

/** Attributes that are made already; apart from all else that the caller holds, for spans may wait long for a receiver. */
export const madeAttributes = (attributes: SpanAttributes) => (): SpanAttributes => attributes;

export interface SpanEnd {
  endMs: number;
  attributes: () => SpanAttributes;
  errorMessage: string | null;
}

/** A span that is under way. */
export interface OpenSpan extends SpanIds {
  parentSpanId: string;
  /** The context in which this span is the parent. */
  context: Context;
  /** Only the first call counts. */
  end(end: SpanEnd): void;
}

export interface Tracing {
  start(span: SpanStart): OpenSpan;
}

/** Where spans go that no provider of the application takes. */
export interface SpanOutlet {
  ids: IdSource;
  send: (span: SpanRecord) => void;
}

const spanKinds = { 1: SpanKind.INTERNAL, 3: SpanKind.CLIENT } as const;

function parentContext(fallback: Context | undefined): Context {
  const active = context.active();
  return active === ROOT_CONTEXT && fallback !== undefined ? fallback : active;
}

function endOnce(end: (end: SpanEnd) => void): (end: SpanEnd) => void {
  let ended = false;
  return (details) => {
    if (ended) return;
    ended = true;
    end(details);
  };
}

function fromApplication(span: Span, parent: Context): OpenSpan {
  const ids = span.spanContext();
  return {
    traceId: ids.traceId,
    spanId: ids.spanId,
    parentSpanId: trace.getSpanContext(parent)?.spanId ?? "",
    context: trace.setSpan(parent, span),
    end: endOnce(({ endMs, attributes, errorMessage }) => {
      span.setAttributes(attributes());
      if (errorMessage !== null) span.setStatus({ code: SpanStatusCode.ERROR, message: errorMessage });
      span.end(endMs);
    }),
  };
}

const hexId = (ids: IdSource, characters: 16 | 32): string =>
  ids.next().replaceAll("-", "").padEnd(32, "0").slice(-characters);

function ofOurOwn(start: SpanStart, parent: Context, out: SpanOutlet): OpenSpan {
  const above = trace.getSpanContext(parent);
  const traceId = above?.traceId ?? hexId(out.ids, 32);
  const spanId = hexId(out.ids, 16);
  const parentSpanId = above?.spanId ?? "";
  const here = { traceId, spanId, traceFlags: TraceFlags.SAMPLED };
  const { name, kind, startMs } = start;
  return {
    traceId,
    spanId,
    parentSpanId,
    context: trace.setSpanContext(parent, here),
    end: endOnce(({ endMs, attributes, errorMessage }) => {
      out.send({
        traceId,
        spanId,
        parentSpanId,
        name,
        kind,
        startMs,
        endMs,
        attributes: () => ({ ...start.attributes(), ...attributes() }),
        errorMessage,
      });
    }),
  };
}

/** What the API registers until an application registers a provider of its own, and gives tracers through then. */
interface ProxyProvider {
  getDelegateTracer(name: string): unknown;
}

/** False where the application has certainly registered no tracer provider: the API's own stands in for it then. */
function hasProvider(): boolean {
  const provider = trace.getTracerProvider() as Partial<ProxyProvider>;
  const { getDelegateTracer: delegate } = provider;
  return delegate === undefined || delegate.call(provider, instrumentationScopeName) !== undefined;
}

/**
 * Spans through the application's own tracer provider when it has one, through `out` otherwise. Asked anew for each
 * span, because an application may register its provider late.
 */
export function createTracing(out: SpanOutlet): Tracing {
  const tracer = trace.getTracer(instrumentationScopeName, packageVersion);
  return {
    start(span) {
      const parent = parentContext(span.fallbackParent);
      if (!hasProvider()) return ofOurOwn(span, parent, out);
      const { name, startMs, attributes } = span;
      const options = {
        kind: spanKinds[span.kind],
        startTime: startMs,
        attributes: attributes() as Attributes,
      };
      const theirs = tracer.startSpan(name, options, parent);
      const above = trace.getSpanContext(parent);
      const isReal =
        isSpanContextValid(theirs.spanContext()) && theirs.spanContext().spanId !== above?.spanId;
      return isReal ? fromApplication(theirs, parent) : ofOurOwn(span, parent, out);
    },
  };
}
