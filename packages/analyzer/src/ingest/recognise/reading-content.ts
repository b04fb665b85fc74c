import type { OtlpSpan } from "@plumbline/contracts";
import type { CallReading, ModelReading, ScopeReading, ToolReading } from "./dialect.ts";
import type { ObservationContent } from "./observation-content.ts";
import { withoutPythonNotation } from "./python-literal.ts";
import { spanError } from "./span-error.ts";
import { spanTimes } from "./times.ts";

const microUsdPerUsd = 1_000_000;

type Errored<Reading> = Reading & Pick<CallReading, "error">;

/** The facts of a model call; what the dialect left out is unknown. */
function modelFacts(reading: ModelReading) {
  const { requestModel, responseModel } = reading;
  return {
    provider: reading.provider ?? "",
    requestModel: requestModel ?? responseModel ?? "",
    responseModel: responseModel ?? null,
    responseId: reading.responseId ?? null,
    previousResponseId: reading.previousResponseId ?? null,
    systemInstructions: reading.systemInstructions ?? null,
    finishReasons: reading.finishReasons ?? [],
    usage: reading.usage ?? null,
  };
}

function modelContent(reading: Errored<ModelReading>, span: OtlpSpan): ObservationContent {
  const { input, output, reportedCostUsd, error } = reading;
  return {
    ...modelFacts(reading),
    kind: "model-call-end",
    ...spanTimes(span),
    inputMessages: input ?? null,
    inputOffset: 0,
    inputMessageCount: input?.length ?? 0,
    output: output ?? null,
    reportedCostMicroUsd: reportedCostUsd === undefined ? null : reportedCostUsd * microUsdPerUsd,
    error: error === undefined ? spanError(span, false) : error,
  };
}

const jsonWherePrinted = (text: string | undefined): string | null =>
  text === undefined ? null : withoutPythonNotation(text);

function toolContent(reading: Errored<ToolReading>, span: OtlpSpan): ObservationContent {
  return {
    kind: "tool-call-end",
    ...spanTimes(span),
    toolName: reading.toolName,
    callId: reading.callId ?? null,
    arguments: jsonWherePrinted(reading.arguments),
    result: jsonWherePrinted(reading.result),
    error: reading.error === undefined ? spanError(span, true) : reading.error,
    traits: reading.traits ?? {},
  };
}

function scopeContent(reading: Errored<ScopeReading>, span: OtlpSpan): ObservationContent {
  return {
    kind: "scope-end",
    ...spanTimes(span),
    name: span.name,
    isRoot: span.parentSpanId === "",
    isAgent: reading.isAgent,
    goal: reading.goal ?? null,
    output: reading.output ?? null,
    error: reading.error === undefined ? spanError(span, false) : reading.error,
    ...(reading.usage !== undefined && { usage: reading.usage }),
  };
}

/** A dialect's reading as the content of an observation, filled up with what all dialects share. */
export function contentOfReading(reading: CallReading, span: OtlpSpan): ObservationContent {
  switch (reading.kind) {
    case "model":
      return modelContent(reading, span);
    case "tool":
      return toolContent(reading, span);
    case "scope":
      return scopeContent(reading, span);
  }
}
