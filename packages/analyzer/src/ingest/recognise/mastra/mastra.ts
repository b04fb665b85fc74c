import type { OtlpSpan } from "@plumbline/contracts";
import { textOf } from "../attribute-access.ts";
import { type Dialect, noise, type SpanReading } from "../dialect.ts";
import { goalOf, readGenAiModel, readGenAiScope, readGenAiTool } from "../genai/read-genai-span.ts";
import { readMessages, readOutput } from "../messages/read-messages.ts";

function readModel(span: OtlpSpan): SpanReading {
  const model = readGenAiModel(span);
  const { attributes } = span;
  return {
    ...model,
    input:
      model.input ??
      readMessages(attributes["mastra.model_inference.input"] ?? attributes["mastra.model_step.input"]),
    output: model.output ?? readOutput(attributes["mastra.model_inference.output"]),
  };
}

function readAgent(span: OtlpSpan, type: string): SpanReading {
  const scope = readGenAiScope(span, true);
  const asked = goalOf(readMessages(span.attributes[`mastra.${type}.input`]));
  return { ...scope, goal: scope.goal ?? asked };
}

function readSpan(span: OtlpSpan): SpanReading | undefined {
  const type = textOf(span.attributes, "mastra.span.type");
  switch (type) {
    case undefined:
      return undefined;
    case "model_inference":
      return readModel(span);
    case "tool_call":
    case "mcp_tool_call":
      return readGenAiTool(span);
    case "agent_run":
    case "workflow_run":
      return readAgent(span, type);
    case "model_generation":
    case "model_chunk":
      return noise;
    default:
      return readGenAiScope(span, false);
  }
}

export const mastraDialect: Dialect = {
  name: "mastra",
  summary: {
    captured: "Mastra 1",
    fromSource: "",
    recognisedBy: "`mastra.span.type`",
    reads:
      "the GenAI attributes, `mastra.agent_run.input`, `mastra.model_step.input`, `mastra.metadata.{sessionId,threadId,runId}`",
  },
  readSpan,
};
