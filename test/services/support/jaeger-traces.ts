import { setTimeout as sleep } from "node:timers/promises";
import { plumblineAttribute } from "@plumbline/contracts";

interface JaegerSpan {
  spanID: string;
  operationName: string;
  references: { refType: string; spanID: string }[];
  tags: { key: string; value: unknown }[];
}

interface JaegerTraces {
  data: { spans: JaegerSpan[] }[] | null;
}

/** A finding as Jaeger's query API shows it. */
export interface ShownFinding {
  spanName: string;
  parentSpanId: string;
  /** Whether the trace has the span that it stands below. */
  parentIsShown: boolean;
  /** Of the whole trace. */
  spanCount: number;
}

const lookEveryMs = 250;
const looks = 60;

async function look(
  queryUrl: string,
  { traceId, findingId }: { traceId: string; findingId: string },
): Promise<ShownFinding | undefined> {
  const response = await fetch(`${queryUrl}/api/traces/${traceId}`);
  const { data } = (await response.json()) as JaegerTraces;
  const spans = (data ?? []).flatMap((trace) => trace.spans);
  const shown = spans.find(({ tags }) =>
    tags.some(({ key, value }) => key === plumblineAttribute.findingId && value === findingId),
  );
  if (shown === undefined) return undefined;
  const parentSpanId = shown.references.find(({ refType }) => refType === "CHILD_OF")?.spanID ?? "";
  return {
    spanName: shown.operationName,
    parentSpanId,
    parentIsShown: spans.some(({ spanID }) => spanID === parentSpanId),
    spanCount: spans.length,
  };
}

/** Asks as Jaeger's page does, until the trace shows the finding; undefined when it does not within 15 s. */
export async function findInJaeger(
  queryUrl: string,
  wanted: { traceId: string; findingId: string },
): Promise<ShownFinding | undefined> {
  for (let attempt = 0; attempt < looks; attempt += 1) {
    const found = await look(queryUrl, wanted);
    if (found !== undefined) return found;
    await sleep(lookEveryMs);
  }
  return undefined;
}
