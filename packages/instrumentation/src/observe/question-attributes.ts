import { genAi, otel } from "@plumbline/contracts";
import type { SpanAttributes } from "../export/otlp-json.ts";
import type { ModelQuestion } from "./model-call.ts";

/** What a span says of the question of a model call, messages apart; `system` as it may be shown. */
export function questionAttributes(question: ModelQuestion, system: string | null): SpanAttributes {
  const { operation, provider, model, stream, previousResponseId, serverAddress, serverPort } = question;
  return {
    [genAi.operationName]: operation,
    [genAi.providerName]: provider,
    [genAi.requestModel]: model,
    ...(stream ? { [genAi.requestStream]: true } : {}),
    ...(previousResponseId === null ? {} : { [genAi.previousResponseId]: previousResponseId }),
    ...(serverAddress === null ? {} : { [otel.serverAddress]: serverAddress }),
    ...(serverPort === null ? {} : { [otel.serverPort]: serverPort }),
    ...(system === null
      ? {}
      : { [genAi.systemInstructions]: JSON.stringify([{ type: "text", content: system }]) }),
  };
}
