import type { OtlpSpan } from "@plumbline/contracts";
import type { CallReading, ModelReading, ScopeReading, ToolReading } from "./dialect.ts";
import type { ObservationContent } from "./observation-content.ts";
import { spanError } from "./span-error.ts";
import { spanTimes } from "./times.ts";

const microUsdPerUsd = 1_000_000;

type Errored<Reading> = Reading & Pick<CallReading, "error">;

/** What stands for the facts that a dialect left out. */
const unknownModelCall = {
  provider: "",
  requestModel: "",
  responseModel: null,
  responseId: null,
  previousResponseId: null,
  systemInstructions: null,
  finishReasons: [],
  usage: null,
};

function known<Facts extends object>(
  facts: Facts,
): { [Name in keyof Facts]: Exclude<Facts[Name], undefined> } {
  const entries = Object.entries(facts).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [Name in keyof Facts]: Exclude<Facts[Name], undefined> };
}

function modelContent(reading: Errored<ModelReading>, span: OtlpSpan): ObservationContent {
  const { input, output, reportedCostUsd, error, requestModel, responseModel } = reading;
  const { provider, responseId, previousResponseId, systemInstructions, finishReasons, usage } = reading;
  const told = {
    provider,
    responseModel,
    responseId,
    previousResponseId,
    systemInstructions,
    finishReasons,
    usage,
  };
  return {
    ...unknownModelCall,
    ...known({ ...told, requestModel: requestModel ?? responseModel }),
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

function toolContent(reading: Errored<ToolReading>, span: OtlpSpan): ObservationContent {
  return {
    kind: "tool-call-end",
    ...spanTimes(span),
    toolName: reading.toolName,
    callId: reading.callId ?? null,
    arguments: reading.arguments ?? null,
    result: reading.result ?? null,
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
