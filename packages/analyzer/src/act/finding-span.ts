import { createHash } from "node:crypto";
import { type Finding, findingScopeName, genAi, otel, plumblineAttribute } from "@plumbline/contracts";
import type { StoredSpan } from "@plumbline/store";
import { decodeTraces } from "../ingest/decode/decode.ts";

const errorStatus = 2;
const internalKind = 1;

/** A span id that belongs to the finding: written twice, it is one span. */
function spanIdOf(findingId: string): string {
  return createHash("sha256").update(findingId).digest("hex").slice(0, 16);
}

function attributesOf(
  finding: Finding,
): { key: string; value: { stringValue: string } | { doubleValue: number } }[] {
  const texts: Record<string, string> = {
    [plumblineAttribute.runId]: finding.runId,
    [plumblineAttribute.findingId]: finding.findingId,
    [plumblineAttribute.findingKind]: finding.kind,
    [plumblineAttribute.findingSummary]: finding.summary,
    [plumblineAttribute.gateVerdict]: finding.enforced ? finding.intervention : "observe",
    [genAi.operationName]: "plumbline_finding",
  };
  const attributes = Object.entries(texts).map(([key, stringValue]) => ({ key, value: { stringValue } }));
  return [
    ...attributes,
    { key: plumblineAttribute.findingConfidence, value: { doubleValue: finding.confidence } },
  ];
}

/**
 * A finding as an OTLP request with one span, child of the step at which it was raised, so that trace viewers show it
 * where it happened.
 */
export function findingSpanRequest(finding: Finding): object {
  const timeUnixNano = String(BigInt(Math.round(finding.firstAtMs)) * 1_000_000n);
  const span = {
    traceId: finding.traceId,
    spanId: spanIdOf(finding.findingId),
    parentSpanId: finding.spanId,
    name: `finding ${finding.kind}`,
    kind: internalKind,
    startTimeUnixNano: timeUnixNano,
    endTimeUnixNano: timeUnixNano,
    attributes: attributesOf(finding),
    status: { code: errorStatus, message: finding.summary },
  };
  const resource = { attributes: [{ key: otel.serviceName, value: { stringValue: "plumbline" } }] };
  return {
    resourceSpans: [{ resource, scopeSpans: [{ scope: { name: findingScopeName }, spans: [span] }] }],
  };
}

/** Whether the finding has a place in a trace. */
export const isInTrace = ({ traceId, spanId }: Finding): boolean => traceId !== "" && spanId !== "";

/** The same as it stands in the table of spans. */
export function storedFindingSpans(finding: Finding): StoredSpan[] {
  if (!isInTrace(finding)) return [];
  const bytes = new TextEncoder().encode(JSON.stringify(findingSpanRequest(finding)));
  const { tenantId, runId } = finding;
  return decodeTraces(bytes, "application/json").map((span) => ({ tenantId, runId, span }));
}
