import type { Attributes, HrTime } from "@opentelemetry/api";
import { type EncodedSpan, keyValues, type SpanAttributes } from "../../export/otlp-json.ts";
import type { ContentPolicy } from "../../observe/redact/content-policy.ts";
import { parentSpanIdOf, type SdkSpan, scopeOf } from "./readable-span.ts";

const resources = new WeakMap<object, SpanAttributes>();

const isPlain = (value: unknown): value is string | number | boolean =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean";

function plainAttributes(attributes: Attributes | undefined): SpanAttributes {
  const result: SpanAttributes = {};
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (isPlain(value)) result[key] = value;
    else if (Array.isArray(value))
      result[key] = value.filter((item) => isPlain(item)).map((item) => String(item));
  }
  return result;
}

/** One object per resource, so that its spans are sent together. */
function resourceOf(span: SdkSpan): SpanAttributes {
  const known = resources.get(span.resource);
  if (known !== undefined) return known;
  const attributes = plainAttributes(span.resource.attributes);
  resources.set(span.resource, attributes);
  return attributes;
}

const unixNano = ([seconds, nanos]: HrTime): string =>
  String(BigInt(seconds) * 1_000_000_000n + BigInt(Math.round(nanos)));

/** A finished span of the application's SDK, ready to be sent. */
export function encodeSdkSpan(span: SdkSpan, policy: ContentPolicy): EncodedSpan {
  const { traceId, spanId, traceFlags } = span.spanContext();
  const parentSpanId = parentSpanIdOf(span);
  const shown = (attributes: Attributes | undefined): object[] => {
    const plain = Object.entries(plainAttributes(attributes));
    const kept = plain.map(([key, value]) => [
      key,
      typeof value === "string" ? policy.attribute(key, value) : value,
    ]);
    return keyValues(Object.fromEntries(kept.filter(([, value]) => value !== null)) as SpanAttributes);
  };
  const json = JSON.stringify({
    traceId,
    spanId,
    ...(parentSpanId === "" ? {} : { parentSpanId }),
    name: span.name.toWellFormed(),
    kind: span.kind + 1,
    startTimeUnixNano: unixNano(span.startTime),
    endTimeUnixNano: unixNano(span.endTime),
    attributes: shown(span.attributes),
    events: span.events.map(({ name, time, attributes }) => ({
      name,
      timeUnixNano: unixNano(time),
      attributes: shown(attributes),
    })),
    links: span.links.map(({ context, attributes }) => ({
      traceId: context.traceId,
      spanId: context.spanId,
      attributes: shown(attributes),
    })),
    status: { code: span.status.code, message: policy.error(span.status.message ?? "") },
    flags: traceFlags,
  });
  return { resource: resourceOf(span), scope: scopeOf(span), json };
}
